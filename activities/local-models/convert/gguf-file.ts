import { readFileSync, statSync } from 'node:fs';
import { LocalModelError } from '../local-model-error.ts';

export type GgufValue = number | boolean | string | GgufValue[];

export interface GgufTensor {
  name: string;
  /** Fastest first: a matrix of `out` rows has `[in, out]`. */
  dims: number[];
  /** Number of ggml's enumeration. */
  type: number;
  elements: number;
  /** In the file. */
  position: number;
}

export interface GgufFile {
  metadata: Map<string, GgufValue>;
  tensors: Map<string, GgufTensor>;
  bytes: Buffer;
}

const MAGIC = 0x46554747;
const MAXIMUM_BYTES = 2 ** 31 - 1;
const MAXIMUM_ENTRIES = 100_000;
const MAXIMUM_LIST = 1_000_000;
const MAXIMUM_DEPTH = 4;
const MAXIMUM_DIMENSIONS = 4;
const ARRAY = 9;

/**
 * Reads a GGUF file of version 2 or 3 whole. The file may come from anywhere: counts, depths and places are bounded.
 * Layout: docs/gguf.md of ggml.
 * @throws LocalModelError where it is no such file
 */
export function readGguf(path: string): GgufFile {
  const { size } = statSync(path);
  if (size > MAXIMUM_BYTES) throw new LocalModelError(`it has ${size} bytes, and files of up to ${MAXIMUM_BYTES} are converted`);
  const bytes = readFileSync(path);
  try {
    return parseGguf(bytes);
  } catch (error) {
    if (error instanceof RangeError) throw new LocalModelError('the GGUF file is cut off');
    throw error;
  }
}

function parseGguf(bytes: Buffer): GgufFile {
  const cursor = new Cursor(bytes);
  if (cursor.uint32() !== MAGIC) throw new LocalModelError('it is not a GGUF file');
  const version = cursor.uint32();
  if (version !== 2 && version !== 3) throw new LocalModelError(`it is GGUF of version ${version}; versions 2 and 3 are read`);
  const tensorCount = cursor.count(MAXIMUM_ENTRIES);
  const metadataCount = cursor.count(MAXIMUM_ENTRIES);
  const metadata = new Map<string, GgufValue>();
  for (let index = 0; index < metadataCount; index++) metadata.set(cursor.text(), cursor.value(cursor.uint32()));
  const listed = Array.from({ length: tensorCount }, () => readTensor(cursor));
  const given = metadata.get('general.alignment');
  const alignment = typeof given === 'number' && given >= 1 && given <= 65_536 ? given : 32;
  const start = Math.ceil(cursor.position / alignment) * alignment;
  return { metadata, bytes, tensors: new Map(listed.map((tensor) => [tensor.name, { ...tensor, position: start + tensor.position }])) };
}

function readTensor(cursor: Cursor): GgufTensor {
  const name = cursor.text();
  const dimensions = cursor.uint32();
  if (dimensions > MAXIMUM_DIMENSIONS) throw new LocalModelError(`the tensor ${name} has ${dimensions} dimensions`);
  const dims = Array.from({ length: dimensions }, () => cursor.count(MAXIMUM_BYTES));
  const elements = dims.reduce((product, dim) => product * dim, 1);
  return { name, dims, type: cursor.uint32(), elements, position: cursor.count(MAXIMUM_BYTES) };
}

/** Reads beyond the end throw a RangeError, as Buffer does. */
class Cursor {
  readonly #bytes: Buffer;
  position = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  uint32(): number {
    this.position += 4;
    return this.#bytes.readUInt32LE(this.position - 4);
  }

  count(maximum: number): number {
    this.position += 8;
    const count = Number(this.#bytes.readBigUInt64LE(this.position - 8));
    if (count > maximum) throw new LocalModelError(`the GGUF file speaks of ${count} entries or bytes where at most ${maximum} are expected`);
    return count;
  }

  text(): string {
    const length = this.count(this.#bytes.length);
    const start = this.position;
    if (start + length > this.#bytes.length) throw new RangeError('cut off');
    this.position += length;
    return this.#bytes.toString('utf8', start, this.position);
  }

  value(type: number, depth = 0): GgufValue {
    const at = this.position;
    switch (type) {
      case 0:
      case 7: {
        this.position += 1;
        const byte = this.#bytes.readUInt8(at);
        return type === 7 ? byte !== 0 : byte;
      }
      case 1:
        this.position += 1;
        return this.#bytes.readInt8(at);
      case 2:
        this.position += 2;
        return this.#bytes.readUInt16LE(at);
      case 3:
        this.position += 2;
        return this.#bytes.readInt16LE(at);
      case 4:
        return this.uint32();
      case 5:
        this.position += 4;
        return this.#bytes.readInt32LE(at);
      case 6:
        this.position += 4;
        return this.#bytes.readFloatLE(at);
      case 8:
        return this.text();
      case ARRAY:
        return this.#list(depth + 1);
      case 10:
        this.position += 8;
        return Number(this.#bytes.readBigUInt64LE(at));
      case 11:
        this.position += 8;
        return Number(this.#bytes.readBigInt64LE(at));
      case 12:
        this.position += 8;
        return this.#bytes.readDoubleLE(at);
      default:
        throw new LocalModelError(`the GGUF file has a value of the unknown type ${type}`);
    }
  }

  #list(depth: number): GgufValue[] {
    if (depth > MAXIMUM_DEPTH) throw new LocalModelError('the GGUF file has lists within lists within lists');
    const type = this.uint32();
    const count = this.count(MAXIMUM_LIST);
    const list: GgufValue[] = [];
    for (let index = 0; index < count; index++) list.push(this.value(type, depth));
    return list;
  }
}
