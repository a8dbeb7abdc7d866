import { randomBytes } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SyngraphError } from '../../pipeline/errors.ts';
import { makeFolder } from '../store/make-folder.ts';

/**
 * A file that appears under its name whole or not at all: it is written beside its place under a
 * name of its own, so that two writers of one path never share a file, and renamed at the end.
 */
export class TemporaryFile {
  readonly #path: string;
  readonly #temporaryPath: string;
  readonly #handle: FileHandle;
  #bytes = 0;

  private constructor(path: string, temporaryPath: string, handle: FileHandle) {
    this.#path = path;
    this.#temporaryPath = temporaryPath;
    this.#handle = handle;
  }

  /** Makes missing folders. @throws SyngraphError SINK_FAILED, DISK_FULL */
  static async create(path: string): Promise<TemporaryFile> {
    const temporaryPath = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
    try {
      await makeFolder(dirname(path));
      return new TemporaryFile(path, temporaryPath, await open(temporaryPath, 'wx'));
    } catch (error) {
      throw sinkError(error, path);
    }
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#bytes;
  }

  async write(content: Uint8Array): Promise<void> {
    try {
      for (let offset = 0; offset < content.length;) {
        const { bytesWritten } = await this.#handle.write(content, offset);
        offset += bytesWritten;
      }
    } catch (error) {
      throw sinkError(error, this.#path);
    }
    this.#bytes += content.length;
  }

  /** Puts the file in its place, over an older one. */
  async finish(): Promise<void> {
    try {
      await this.#handle.close();
      await rename(this.#temporaryPath, this.#path);
    } catch (error) {
      throw sinkError(error, this.#path);
    }
  }

  async discard(): Promise<void> {
    await this.#handle.close();
    await rm(this.#temporaryPath, { force: true });
  }
}

function sinkError(error: unknown, path: string): SyngraphError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return new SyngraphError({
    code: full ? 'DISK_FULL' : 'SINK_FAILED',
    message: full ? `There is no room left to write ${path}.` : `The output ${path} cannot be written (${code}).`,
    nextStep: full
      ? 'Make room on that disk, then resume the run; finished calls are kept.'
      : 'Check that its folder exists or can be made, and that the user that runs the worker may write there.',
    details: { path },
    cause: error,
  });
}
