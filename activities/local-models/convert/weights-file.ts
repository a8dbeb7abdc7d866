import { closeSync, openSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import type { OnnxType } from './onnx-graph.ts';

export interface StoredTensor {
  name: string;
  dims: number[];
  type: OnnxType;
  /** File name beside the model. */
  file: string;
  offset: number;
  bytes: number;
}

export interface TensorData {
  dims: number[];
  data: Float32Array | Uint8Array;
}

/** So that the runtime can map a tensor into memory instead of reading it; Windows wants 64 KiB. */
const ALIGNMENT = 65_536;

/** The weights of several graphs in one file, each written once. Runs in a thread of its own: it writes synchronously. */
export class WeightsFile {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #tensors = new Map<string, StoredTensor>();
  #end = 0;

  constructor(path: string) {
    this.#path = path;
    this.#descriptor = openSync(path, 'wx');
  }

  /** The tensor of that name; made and written the first time. */
  store(name: string, make: () => TensorData): StoredTensor {
    const known = this.#tensors.get(name);
    if (known !== undefined) return known;
    const { dims, data } = make();
    const offset = Math.ceil(this.#end / ALIGNMENT) * ALIGNMENT;
    this.#write(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    const type = data instanceof Float32Array ? 'float32' : 'uint8';
    const stored: StoredTensor = { name, dims, type, file: basename(this.#path), offset, bytes: data.byteLength };
    this.#tensors.set(name, stored);
    this.#end = offset + data.byteLength;
    return stored;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #write(bytes: Uint8Array, offset: number): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#descriptor, bytes, done, bytes.length - done, offset + done);
  }
}
