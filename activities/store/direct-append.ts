import { writeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { AppendFile } from './store.ts';

/**
 * Writes each text at once and synchronously: some microseconds into the page cache, against the
 * milliseconds that a finished model call would otherwise spend in memory alone while its
 * neighbours are handled, where a crash loses it.
 */
export class DirectAppend implements AppendFile {
  readonly isStalled = false;
  readonly #handle: FileHandle;
  readonly #describeError: (error: unknown) => Error;
  #failure: Error | null = null;
  #closing: Promise<void> | null = null;

  constructor(handle: FileHandle, describeError: (error: unknown) => Error) {
    this.#handle = handle;
    this.#describeError = describeError;
  }

  append(text: string): Promise<void> {
    // After a failed write the file may end in half a line; another line behind it would be lost too.
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#closing !== null) {
      return Promise.reject(new SyngraphError({ code: 'INTERNAL', message: 'Appended to a file of the store after it was closed' }));
    }
    try {
      writeAll(this.#handle.fd, Buffer.from(text));
      return Promise.resolve();
    } catch (error) {
      this.#failure = this.#describeError(error);
      return Promise.reject(this.#failure);
    }
  }

  /** Every append is in the page cache when it returns. */
  flush(): Promise<void> {
    return this.#failure === null ? Promise.resolve() : Promise.reject(this.#failure);
  }

  settled(): Promise<void> {
    return this.flush();
  }

  /** Rejects with the failed write, if there was one. */
  close(): Promise<void> {
    return (this.#closing ??= this.#finish());
  }

  async #finish(): Promise<void> {
    await this.#handle.close();
    if (this.#failure !== null) throw this.#failure;
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
}
