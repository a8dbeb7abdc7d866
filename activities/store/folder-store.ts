import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, link, open, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';

import { DirectAppend } from './direct-append.ts';
import { DiskReserve } from './disk-reserve.ts';
import { keyPath } from './key-path.ts';
import { makeFolder } from './make-folder.ts';
import { ReplacingFile } from './replacing-file.ts';
import { isMissing, storeError } from './store-error.ts';
import type { AppendFile, Store, StoreEntry } from './store.ts';

const TEMPORARY_PREFIX = '.tmp-';

/** A store in a folder of the local file system, made when first written to. Several processes may use it at once. */
export function createFolderStore(folder: string): Store {
  return new FolderStore(resolve(folder));
}

class FolderStore implements Store {
  readonly location: string;
  readonly #knownFolders = new Set<string>();
  readonly #temporaryPrefix = `${TEMPORARY_PREFIX}${process.pid}-${randomBytes(4).toString('hex')}-`;
  readonly #reserve: DiskReserve;
  #temporaryCount = 0;

  constructor(folder: string) {
    this.location = folder;
    this.#reserve = new DiskReserve(folder);
  }

  async write(key: string, content: string | Uint8Array): Promise<void> {
    const path = keyPath(this.location, key);
    const temporaryPath = this.#temporaryPath(path);
    try {
      await this.#assertRoom();
      await this.#inFolderOf(path, () => writeFile(temporaryPath, content, { flag: 'wx' }));
      await rename(temporaryPath, path);
    } catch (error) {
      await this.#unlessMissing(() => rm(temporaryPath));
      throw storeError(error, this.location);
    }
  }

  read(key: string): Promise<Buffer | null> {
    return this.#unlessMissing(() => readFile(keyPath(this.location, key)));
  }

  readRange(key: string, offset: number, length: number): Promise<Buffer | null> {
    return this.#unlessMissing(async () => {
      const handle = await open(keyPath(this.location, key));
      try {
        return await readAt(handle, { offset, length });
      } finally {
        await handle.close();
      }
    });
  }

  async size(key: string): Promise<number | null> {
    const path = keyPath(this.location, key);
    const found = await this.#unlessMissing(() => stat(path));
    return found?.isFile() === true ? found.size : null;
  }

  openRead(key: string): Readable {
    return createReadStream(keyPath(this.location, key), { highWaterMark: 256 * 1024 });
  }

  openWrite(key: string): Writable {
    const path = keyPath(this.location, key);
    return new ReplacingFile({
      path,
      temporaryPath: this.#temporaryPath(path),
      prepareFolder: async () => {
        await this.#assertRoom();
        await makeFolder(dirname(path));
      },
      describeError: (error) => storeError(error, this.location),
    });
  }

  async openAppend(key: string): Promise<AppendFile> {
    const path = keyPath(this.location, key);
    const describeError = (error: unknown): Error => storeError(error, this.location);
    try {
      const opened = this.#inFolderOf(path, async () => {
        await this.#reserve.take();
        return open(path, 'a');
      });
      return new DirectAppend(await opened, { describeError, reserve: this.#reserve });
    } catch (error) {
      throw describeError(error);
    }
  }

  async list(folder: string): Promise<string[]> {
    const key = folder.replace(/\/$/, '');
    const path = key === '' ? this.location : keyPath(this.location, key);
    const entries = (await this.#unlessMissing(() => readdir(path, { withFileTypes: true }))) ?? [];
    return entries
      .filter((entry) => !entry.name.startsWith(TEMPORARY_PREFIX))
      .map((entry) => `${key === '' ? '' : `${key}/`}${entry.name}${entry.isDirectory() ? '/' : ''}`);
  }

  async remove(key: string): Promise<void> {
    const path = keyPath(this.location, key);
    await this.#unlessMissing(() => rm(path));
  }

  async *entries(folder: string): AsyncGenerator<StoreEntry> {
    for (const key of await this.list(folder)) {
      if (key.endsWith('/')) yield* this.entries(key);
      else {
        // Removed since it was listed: it is no entry any more.
        const found = await this.#unlessMissing(() => stat(keyPath(this.location, key)));
        if (found !== null) yield { key, bytes: found.size, modified: found.mtimeMs };
      }
    }
  }

  async removeFolder(folder: string): Promise<void> {
    await this.#unlessMissing(() => rm(keyPath(this.location, folder.replace(/\/$/, '')), { recursive: true, maxRetries: 3 }));
  }

  localPath(key: string): Promise<string> {
    return Promise.resolve(keyPath(this.location, key));
  }

  async copyTo(key: string, path: string): Promise<void> {
    const from = keyPath(this.location, key);
    await link(from, path).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return;
      // Another disk, or a file system without links.
      const temporary = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
      await copyFile(from, temporary);
      await rename(temporary, path);
    });
  }

  /** What the reserve has left of a full disk is for answers that are paid for. */
  async #assertRoom(): Promise<void> {
    if (this.#reserve.isSpent) await this.#reserve.take();
  }

  #temporaryPath(path: string): string {
    return join(dirname(path), `${this.#temporaryPrefix}${++this.#temporaryCount}`);
  }

  async #inFolderOf<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
    const folder = dirname(path);
    if (this.#knownFolders.has(folder)) {
      try {
        return await work();
      } catch (error) {
        // Somebody has cleaned up behind our back.
        if (!isMissing(error)) throw error;
      }
    }
    await makeFolder(folder);
    this.#knownFolders.add(folder);
    return await work();
  }

  async #unlessMissing<Result>(work: () => Promise<Result>): Promise<Result | null> {
    try {
      return await work();
    } catch (error) {
      if (isMissing(error)) return null;
      throw storeError(error, this.location);
    }
  }
}

async function readAt(handle: FileHandle, range: { offset: number; length: number }): Promise<Buffer> {
  const { size } = await handle.stat();
  const wanted = Math.max(0, Math.min(range.length, size - range.offset));
  const buffer = Buffer.allocUnsafe(wanted);
  let filled = 0;
  while (filled < wanted) {
    const { bytesRead } = await handle.read(buffer, filled, wanted - filled, range.offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
