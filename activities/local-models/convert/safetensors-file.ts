import { readFileSync, statSync } from 'node:fs';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../pipeline/json.ts';
import { LocalModelError } from '../local-model-error.ts';

export interface SafeTensor {
  /** Slowest first. */
  dims: number[];
  values: Float32Array<ArrayBuffer>;
}

const MAXIMUM_BYTES = 2 ** 31 - 1;
const MAXIMUM_HEADER_BYTES = 16 * 1024 * 1024;
const LENGTH_BYTES = 8;

/**
 * Reads a safetensors file whole. The file may come from anywhere: sizes and places are checked. Layout: a length of eight
 * bytes, as much JSON that says where each tensor lies behind it, the tensors.
 */
export class SafetensorsFile {
  readonly #bytes: Buffer;
  readonly #header: JsonObject;
  readonly #start: number;

  /** Blocks: for threads of their own. @throws LocalModelError where it is no such file */
  constructor(path: string) {
    const { size } = statSync(path);
    if (size > MAXIMUM_BYTES) throw new LocalModelError(`it has ${size} bytes, and files of up to ${MAXIMUM_BYTES} are converted`);
    this.#bytes = readFileSync(path);
    const length = size < LENGTH_BYTES ? Infinity : Number(this.#bytes.readBigUInt64LE(0));
    if (length > Math.min(MAXIMUM_HEADER_BYTES, size - LENGTH_BYTES)) throw new LocalModelError('it is not a safetensors file');
    this.#start = LENGTH_BYTES + length;
    this.#header = parseHeader(this.#bytes.toString('utf8', LENGTH_BYTES, this.#start));
  }

  /** A tensor of 32-bit floats. @throws LocalModelError where it is missing, of another type, or cut off */
  float32(name: string): SafeTensor {
    const entry = Object.hasOwn(this.#header, name) ? this.#header[name] : undefined;
    if (!isJsonObject(entry)) throw new LocalModelError(`it has no tensor ${name}`);
    if (entry.dtype !== 'F32') throw new LocalModelError(`its tensor ${name} is of type ${JSON.stringify(entry.dtype)}; F32 is read`);
    const [dims, offsets] = [numbersOf(entry.shape ?? null), numbersOf(entry.data_offsets ?? null)];
    const [from, to] = offsets ?? [];
    const bytes = (dims ?? []).reduce((product, dim) => product * dim, Float32Array.BYTES_PER_ELEMENT);
    if (dims === null || from === undefined || to === undefined || to - from !== bytes || this.#start + to > this.#bytes.length) {
      throw new LocalModelError(`its tensor ${name} is cut off or not where the file says`);
    }
    // Copied: a Buffer's bytes may begin where no float can.
    const copy = new Uint8Array(bytes);
    copy.set(this.#bytes.subarray(this.#start + from, this.#start + to));
    return { dims, values: new Float32Array(copy.buffer) };
  }
}

function parseHeader(text: string): JsonObject {
  let header: JsonValue;
  try {
    header = JSON.parse(text) as JsonValue;
  } catch {
    throw new LocalModelError('it is not a safetensors file');
  }
  if (!isJsonObject(header)) throw new LocalModelError('it is not a safetensors file');
  return header;
}

function numbersOf(value: JsonValue): number[] | null {
  return Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && (each as number) >= 0) ? (value as number[]) : null;
}
