import { writeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { AppendFile } from './store.ts';

const FLUSH_CHARACTERS = 256 * 1024;

interface Batch {
  texts: string[];
  characters: number;
  written: Promise<void>;
  resolve: () => void;
  reject: (error: Error) => void;
}

/**
 * Appends of one turn of the event loop go out in one write and share one promise. The write is
 * synchronous: a few microseconds into the page cache, against the milliseconds that a finished
 * model call would otherwise spend in memory alone, where a crash loses it.
 */
export class AppendBuffer implements AppendFile {
  readonly #handle: FileHandle;
  readonly #describeError: (error: unknown) => Error;
  #batch: Batch | null = null;
  #failure: Error | null = null;
  #closing: Promise<void> | null = null;

  constructor(handle: FileHandle, describeError: (error: unknown) => Error) {
    this.#handle = handle;
    this.#describeError = describeError;
  }

  append(text: string): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#closing !== null) {
      return Promise.reject(
        new SyngraphError({ code: 'INTERNAL', message: 'Appended to a file of the store after it was closed' }),
      );
    }
    const batch = (this.#batch ??= this.#startBatch());
    batch.texts.push(text);
    batch.characters += text.length;
    if (batch.characters > FLUSH_CHARACTERS) this.#flush();
    return batch.written;
  }

  /** Rejects with the first failed write, if there was one. */
  close(): Promise<void> {
    return (this.#closing ??= this.#finish());
  }

  async #finish(): Promise<void> {
    this.#flush();
    await this.#handle.close();
    if (this.#failure !== null) throw this.#failure;
  }

  #startBatch(): Batch {
    const { promise, resolve, reject } = withResolvers();
    setImmediate(() => {
      this.#flush();
    });
    return { texts: [], characters: 0, written: promise, resolve, reject };
  }

  #flush(): void {
    const batch = this.#batch;
    this.#batch = null;
    if (batch === null) return;
    try {
      // After a failed write the file may end in half a line; another line behind it would be lost too.
      if (this.#failure !== null) throw this.#failure;
      writeAll(this.#handle.fd, Buffer.from(batch.texts.join('')));
      batch.resolve();
    } catch (error) {
      this.#failure ??= this.#describeError(error);
      batch.reject(this.#failure);
    }
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
}

function withResolvers(): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } {
  let resolve!: () => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<void>((onDone, onError) => {
    resolve = onDone;
    reject = onError;
  });
  return { promise, resolve, reject };
}
