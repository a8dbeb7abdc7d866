import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GrowingArray } from './growing-array.ts';

const BUFFER_NUMBERS = 256 * 1024;

/**
 * Sets of hashes in a temporary file, to be read again by their number: a hundred thousand texts have
 * more shingles than should stay in memory. Reads come from the page cache and take microseconds, so
 * they are synchronous.
 */
export class ShingleFile {
  readonly #folder = mkdtempSync(join(tmpdir(), 'syngraph-shingles-'));
  readonly #file = openSync(join(this.#folder, 'shingles'), 'w+');
  /** Where each set begins, in numbers; one more than there are sets. */
  readonly #starts = new GrowingArray(Float64Array);
  readonly #buffer = new Uint32Array(BUFFER_NUMBERS);
  #buffered = 0;
  #written = 0;

  constructor() {
    this.#starts.push(0);
  }

  add(set: Uint32Array): void {
    for (let from = 0; from < set.length; from += BUFFER_NUMBERS) {
      const piece = set.subarray(from, from + BUFFER_NUMBERS);
      if (this.#buffered + piece.length > BUFFER_NUMBERS) this.#flush();
      this.#buffer.set(piece, this.#buffered);
      this.#buffered += piece.length;
    }
    this.#starts.push(this.#written + this.#buffered);
  }

  size(number: number): number {
    const starts = this.#starts.values();
    return starts[number + 1]! - starts[number]!;
  }

  read(number: number): Uint32Array {
    if (this.#buffered > 0) this.#flush();
    const set = new Uint32Array(this.size(number));
    const bytes = new Uint8Array(set.buffer);
    const start = this.#starts.values()[number]! * Uint32Array.BYTES_PER_ELEMENT;
    for (let read = 0; read < bytes.length; ) {
      const count = readSync(this.#file, bytes, read, bytes.length - read, start + read);
      if (count === 0) throw new RangeError(`the temporary file of shingles in ${this.#folder} was cut short`);
      read += count;
    }
    return set;
  }

  close(): void {
    closeSync(this.#file);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #flush(): void {
    const bytes = new Uint8Array(this.#buffer.buffer, 0, this.#buffered * Uint32Array.BYTES_PER_ELEMENT);
    for (let written = 0; written < bytes.length; ) {
      written += writeSync(this.#file, bytes, written, bytes.length - written, this.#written * Uint32Array.BYTES_PER_ELEMENT + written);
    }
    this.#written += this.#buffered;
    this.#buffered = 0;
  }
}
