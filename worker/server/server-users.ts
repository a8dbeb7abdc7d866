import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isProcessRunning, ownProcess, type ProcessIdentity } from '../../activities/cache/process-identity.ts';

/** Notes that this process uses the store's server. Returns the note's path, to be removed when it no longer does. */
export async function addServerUser(storeFolder: string): Promise<string> {
  const folder = usersFolder(storeFolder);
  await mkdir(folder, { recursive: true });
  // A process may use the server more than once at a time; each use has a note of its own.
  const path = join(folder, `${process.pid}-${randomUUID()}`);
  await writeFile(path, JSON.stringify(ownProcess()));
  return path;
}

/** Pids of living users, once per use. Notes of the dead are removed. */
export async function listServerUsers(storeFolder: string): Promise<number[]> {
  const folder = usersFolder(storeFolder);
  const pids: number[] = [];
  for (const name of await readdir(folder).catch(() => [] as string[])) {
    const user = await readUser(join(folder, name));
    if (user !== null && isProcessRunning(user)) pids.push(user.pid);
    else await rm(join(folder, name), { force: true });
  }
  return pids;
}

async function readUser(path: string): Promise<ProcessIdentity | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ProcessIdentity;
  } catch {
    // Gone, or half written by a process that died: nobody's either way.
    return null;
  }
}

function usersFolder(storeFolder: string): string {
  return join(storeFolder, 'server-users');
}
