import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SyngraphError } from '../../pipeline/errors.ts';
import { remoteFile, type RemoteFile } from '../store/locations.ts';
import { makeFolder } from '../store/make-folder.ts';

/** Where the bytes go until all are there. */
interface Pending {
  write(content: Uint8Array): Promise<void>;
  finish(): Promise<void>;
  discard(): Promise<void>;
}

/**
 * A file that appears under its name whole or not at all. On this machine it is written beside its
 * place under a name of its own, so that two writers of one path never share a file, and renamed at
 * the end; in a bucket (`s3://bucket/key`) it is uploaded in parts that become an object at the end.
 */
export class TemporaryFile {
  readonly #path: string;
  readonly #pending: Pending;
  #bytes = 0;

  private constructor(path: string, pending: Pending) {
    this.#path = path;
    this.#pending = pending;
  }

  /** Makes missing folders. @throws SyngraphError SINK_FAILED, DISK_FULL, STORE_DENIED, STORE_UNAVAILABLE */
  static async create(path: string): Promise<TemporaryFile> {
    try {
      const remote = remoteFile(path);
      return new TemporaryFile(path, remote === null ? await openLocal(path) : openRemote(remote));
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
      await this.#pending.write(content);
    } catch (error) {
      throw sinkError(error, this.#path);
    }
    this.#bytes += content.length;
  }

  /** Puts the file in its place, over an older one. */
  async finish(): Promise<void> {
    try {
      await this.#pending.finish();
    } catch (error) {
      throw sinkError(error, this.#path);
    }
  }

  discard(): Promise<void> {
    return this.#pending.discard();
  }
}

async function openLocal(path: string): Promise<Pending> {
  const temporaryPath = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  await makeFolder(dirname(path));
  const handle = await open(temporaryPath, 'wx');
  return {
    async write(content) {
      for (let offset = 0; offset < content.length;) {
        const { bytesWritten } = await handle.write(content, offset);
        offset += bytesWritten;
      }
    },
    async finish() {
      await handle.close();
      await rename(temporaryPath, path);
    },
    async discard() {
      await handle.close();
      await rm(temporaryPath, { force: true });
    },
  };
}

function openRemote({ bucket, key }: RemoteFile): Pending {
  const stream = bucket.openWrite(key);
  const failed = once(stream, 'close').then(() => {
    if (!stream.writableFinished) throw stream.errored ?? new Error('the upload was given up');
  });
  failed.catch(() => undefined);
  return {
    async write(content) {
      // Taken over before it is sent: the caller may use its bytes again.
      if (!stream.write(Buffer.from(content))) await Promise.race([once(stream, 'drain'), failed]);
    },
    async finish() {
      stream.end();
      await failed;
    },
    async discard() {
      stream.destroy();
      await failed.catch(() => undefined);
    },
  };
}

function sinkError(error: unknown, path: string): SyngraphError {
  if (error instanceof SyngraphError) return error;
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
