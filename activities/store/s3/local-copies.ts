import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { makeFolder } from '../make-folder.ts';

/** Copies of a store's objects on this machine's disk, for code that must be a file. */
export interface LocalCopies {
  /** The path of a copy; fetched where this version of the object is not there yet. Objects of one folder lie in one folder. */
  pathOf(object: { key: string; etag: string; open: () => Readable }): Promise<string>;
}

/** @param location of the store: copies of different stores are kept apart */
export function createLocalCopies(folder: string, location: string): LocalCopies {
  const ofStore = join(folder, createHash('sha256').update(location).digest('hex').slice(0, 16));
  const fetching = new Map<string, Promise<string>>();
  return {
    pathOf({ key, etag, open }) {
      const path = join(ofStore, ...key.split('/'));
      const known = fetching.get(path);
      if (known !== undefined) return known;
      const copying = fetchOnce({ path, etag, open }).finally(() => fetching.delete(path));
      fetching.set(path, copying);
      return copying;
    },
  };
}

async function fetchOnce({ path, etag, open }: { path: string; etag: string; open: () => Readable }): Promise<string> {
  const versionPath = `${path}.etag`;
  if ((await textOf(versionPath)) === etag && (await isFile(path))) return path;
  await saveStream(open(), path);
  // Behind the content: a copy without its version is fetched again.
  const temporary = temporaryPathOf(versionPath);
  await writeFile(temporary, etag);
  await rename(temporary, versionPath);
  return path;
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    // Whatever is wrong with it, fetching the object puts it right or says why not.
    return null;
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

/** Writes under another name first, so that the file is there whole or not at all. */
export async function saveStream(content: Readable, path: string): Promise<void> {
  const temporary = temporaryPathOf(path);
  await makeFolder(dirname(path));
  try {
    await pipeline(content, createWriteStream(temporary, { flags: 'wx' }));
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function temporaryPathOf(path: string): string {
  return `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
}
