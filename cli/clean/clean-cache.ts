import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface CachedDownload {
  path: string;
  bytes: number;
  /** Of the newest file, epoch milliseconds. */
  writtenAt: number;
}

/** Downloads of this machine, each a model or a program; what is fetched again when it is wanted. */
export async function findDownloads(cache: string): Promise<CachedDownload[]> {
  const names = await list(cache);
  const paths = [
    ...(await list(join(cache, 'models'))).map((name) => join(cache, 'models', name)),
    ...names.filter((name) => name.startsWith('temporal-') && !name.endsWith('.lock')).map((name) => join(cache, name)),
  ];
  return Promise.all(paths.filter((path) => !path.endsWith('.lock')).map(measure));
}

export async function removeDownload({ path }: CachedDownload): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

async function measure(path: string): Promise<CachedDownload> {
  const found = await stat(path);
  if (!found.isDirectory()) return { path, bytes: found.size, writtenAt: found.mtimeMs };
  const parts = await Promise.all((await list(path)).map((name) => measure(join(path, name))));
  return { path, bytes: parts.reduce((sum, part) => sum + part.bytes, 0), writtenAt: Math.max(0, ...parts.map((part) => part.writtenAt)) };
}

async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
