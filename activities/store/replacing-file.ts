import { open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { Writable } from 'node:stream';

export interface ReplacingFileOptions {
  path: string;
  temporaryPath: string;
  prepareFolder: () => Promise<void>;
  describeError: (error: unknown) => Error;
}

type Callback = (error?: Error | null) => void;

/** Writes under a temporary name and takes the final one when the stream has finished; a destroyed stream leaves nothing. */
export class ReplacingFile extends Writable {
  readonly #options: ReplacingFileOptions;
  #handle: FileHandle | null = null;

  constructor(options: ReplacingFileOptions) {
    super({ highWaterMark: 1024 * 1024 });
    this.#options = options;
  }

  override _construct(callback: Callback): void {
    this.#run(callback, async () => {
      await this.#options.prepareFolder();
      this.#handle = await open(this.#options.temporaryPath, 'wx');
    });
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    this.#run(callback, () => this.#opened().appendFile(chunk));
  }

  override _writev(chunks: { chunk: Buffer }[], callback: Callback): void {
    const joined = Buffer.concat(chunks.map(({ chunk }) => chunk));
    this.#run(callback, () => this.#opened().appendFile(joined));
  }

  override _final(callback: Callback): void {
    this.#run(callback, async () => {
      await this.#close();
      await rename(this.#options.temporaryPath, this.#options.path);
    });
  }

  override _destroy(error: Error | null, callback: Callback): void {
    const discard = async (): Promise<void> => {
      await this.#close();
      if (!this.writableFinished) await rm(this.#options.temporaryPath, { force: true });
    };
    discard().then(
      () => {
        callback(error);
      },
      (discardError: unknown) => {
        callback(error ?? this.#options.describeError(discardError));
      },
    );
  }

  #run(callback: Callback, work: () => Promise<void>): void {
    work().then(
      () => {
        callback();
      },
      (error: unknown) => {
        callback(this.#options.describeError(error));
      },
    );
  }

  #opened(): FileHandle {
    if (this.#handle === null) throw new Error(`${this.#options.temporaryPath} is not open`);
    return this.#handle;
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }
}
