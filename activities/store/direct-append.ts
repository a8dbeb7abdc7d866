import { writeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { DiskReserve } from './disk-reserve.ts';
import { isFull } from './store-error.ts';
import type { AppendFile } from './store.ts';

/**
 * Writes each text at once and synchronously: some microseconds into the page cache, against the
 * milliseconds that a finished model call would otherwise spend in memory alone while its
 * neighbours are handled, where a crash loses it.
 */
export class DirectAppend implements AppendFile {
  readonly #handle: FileHandle;
  readonly #describeError: (error: unknown) => Error;
  readonly #reserve: DiskReserve;
  #failure: Error | null = null;
  #closing: Promise<void> | null = null;

  constructor(handle: FileHandle, { describeError, reserve }: { describeError: (error: unknown) => Error; reserve: DiskReserve }) {
    this.#handle = handle;
    this.#describeError = describeError;
    this.#reserve = reserve;
  }

  /** The disk is full: what is appended goes into the room that was kept for it. */
  get isStalled(): boolean {
    return this.#reserve.isSpent;
  }

  append(text: string): Promise<void> {
    // After a failed write the file may end in half a line; another line behind it would be lost too.
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#closing !== null) {
      return Promise.reject(new SyngraphError({ code: 'INTERNAL', message: 'Appended to a file of the store after it was closed' }));
    }
    try {
      this.#writeAll(Buffer.from(text));
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

  async settled(): Promise<void> {
    await this.flush();
    if (!this.#reserve.isSpent) return;
    try {
      await this.#reserve.take();
    } catch (error) {
      throw this.#describeError(error);
    }
  }

  /** Rejects with the failed write, if there was one. */
  close(): Promise<void> {
    return (this.#closing ??= this.#finish());
  }

  async #finish(): Promise<void> {
    await this.#handle.close();
    if (this.#failure !== null) throw this.#failure;
  }

  #writeAll(bytes: Uint8Array): void {
    for (let written = 0; written < bytes.length; ) {
      try {
        written += writeSync(this.#handle.fd, bytes, written);
      } catch (error) {
        if (!isFull(error) || this.#reserve.isSpent) throw error;
        this.#reserve.spend();
      }
    }
  }
}
