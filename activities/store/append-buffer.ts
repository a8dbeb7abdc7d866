import type { FileHandle } from 'node:fs/promises';

import { SyngraphError } from '../../pipeline/errors.ts';
import type { AppendFile } from './store.ts';

const GATHER_MILLISECONDS = 5;
const FLUSH_CHARACTERS = 256 * 1024;

interface Batch {
  texts: string[];
  characters: number;
  written: Promise<void>;
  resolve: () => void;
  reject: (error: Error) => void;
}

/**
 * Appends that come within a few milliseconds go out in one write, and share one promise: a node
 * activity appends a line a call, and a system call for each would cost more than the rest of it.
 */
export class AppendBuffer implements AppendFile {
  readonly #handle: FileHandle;
  readonly #describeError: (error: unknown) => Error;
  #batch: Batch | null = null;
  #timer: NodeJS.Timeout | null = null;
  #lastWrite: Promise<void> = Promise.resolve();
  #failure: Error | null = null;
  #closing: Promise<void> | null = null;

  constructor(handle: FileHandle, describeError: (error: unknown) => Error) {
    this.#handle = handle;
    this.#describeError = describeError;
  }

  append(text: string): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#closing !== null) {
      return Promise.reject(new SyngraphError({ code: 'INTERNAL', message: 'Appended to a file of the store after it was closed' }));
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
    await this.#lastWrite;
    await this.#handle.close();
    if (this.#failure !== null) throw this.#failure;
  }

  #startBatch(): Batch {
    const { promise, resolve, reject } = withResolvers();
    this.#timer = setTimeout(() => {
      this.#flush();
    }, GATHER_MILLISECONDS);
    return { texts: [], characters: 0, written: promise, resolve, reject };
  }

  #flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    const batch = this.#batch;
    this.#timer = null;
    this.#batch = null;
    if (batch !== null) this.#lastWrite = this.#lastWrite.then(() => this.#write(batch));
  }

  async #write(batch: Batch): Promise<void> {
    try {
      // After a failed write the file may end in half a line; another line behind it would be lost too.
      if (this.#failure !== null) throw this.#failure;
      await this.#handle.appendFile(batch.texts.join(''));
      batch.resolve();
    } catch (error) {
      this.#failure ??= this.#describeError(error);
      batch.reject(this.#failure);
    }
  }
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
