/** Reads numbers, low byte first, and texts one after another. @throws RangeError behind the end */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  boolean(): boolean {
    return this.int8() !== 0;
  }

  int8(): number {
    return this.#view.getInt8(this.#pass(1));
  }

  int32(): number {
    return this.#view.getInt32(this.#pass(4), true);
  }

  int64(): number {
    return Number(this.#view.getBigInt64(this.#pass(8), true));
  }

  float32s(count: number): Float32Array {
    return Float32Array.from({ length: count }, () => this.#view.getFloat32(this.#pass(4), true));
  }

  bytes(count: number): Uint8Array {
    const from = this.#pass(count);
    return this.#bytes.subarray(from, from + count);
  }

  /** UTF-8 up to a byte of 0, which is passed. */
  textToZero(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end === -1) throw new RangeError('a text has no end');
    const text = Buffer.from(this.#bytes.subarray(this.#at, end)).toString('utf8');
    this.#at = end + 1;
    return text;
  }

  skip(count: number): void {
    this.#pass(count);
  }

  #pass(count: number): number {
    const from = this.#at;
    if (count < 0 || from + count > this.#bytes.length) throw new RangeError('it ends too early');
    this.#at = from + count;
    return from;
  }
}
