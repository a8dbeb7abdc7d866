import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { makeFolder } from '../make-folder.ts';

/** Copies of objects on this machine's disk, for code that must be a file. */
export interface LocalCopies {
  /** The path of a copy whose last parts are the key; fetched where this version of the object is not there yet. */
  pathOf(object: { key: string; etag: string; open: () => Readable }): Promise<string>;
}

/** Each version of an object has a folder of its own, so that a copy is never replaced under whoever has it open. */
export function createLocalCopies(folder: string): LocalCopies {
  const fetching = new Map<string, Promise<string>>();
  return {
    pathOf({ key, etag, open }) {
      const version = createHash('sha256').update(etag).digest('hex').slice(0, 16);
      const path = join(folder, version, ...key.split('/'));
      const known = fetching.get(path);
      if (known !== undefined) return known;
      const copying = fetchOnce(path, open).finally(() => fetching.delete(path));
      fetching.set(path, copying);
      return copying;
    },
  };
}

async function fetchOnce(path: string, open: () => Readable): Promise<string> {
  const isThere = await stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
  if (!isThere) await saveStream(open(), path);
  return path;
}

/** Writes under another name first, so that the file is there whole or not at all. */
export async function saveStream(content: Readable, path: string): Promise<void> {
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  await makeFolder(dirname(path));
  try {
    await pipeline(content, createWriteStream(temporary, { flags: 'wx' }));
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
