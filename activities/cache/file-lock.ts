import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SyngraphError } from '../../pipeline/errors.ts';
import { isProcessRunning, ownProcess, type ProcessIdentity } from './process-identity.ts';

const POLL_MILLISECONDS = 20;
/** Longer than any download that goes on under a lock. */
const PATIENCE_MILLISECONDS = 15 * 60_000;

/**
 * Runs `work` while no other process on this machine holds the lock file. A lock whose holder has
 * died is taken over at once, so a kill -9 blocks nobody.
 */
export async function withFileLock<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  await acquire(path);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function acquire(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const ticket = `${path}.${process.pid}.${randomUUID()}`;
  // A link to a finished file, so that nobody ever reads a lock without its holder.
  await writeFile(ticket, JSON.stringify(ownProcess()));
  const deadline = Date.now() + PATIENCE_MILLISECONDS;
  try {
    while (!(await tryLink(ticket, path))) {
      await breakIfDead(path);
      if (Date.now() > deadline) {
        throw new SyngraphError({
          code: 'SERVER_UNAVAILABLE',
          message: `${path} is held by a process that does not finish`,
          nextStep: 'End that process (its pid is in the file), then try again.',
        });
      }
      await sleep(POLL_MILLISECONDS);
    }
  } finally {
    await rm(ticket, { force: true });
  }
}

async function tryLink(ticket: string, path: string): Promise<boolean> {
  try {
    await link(ticket, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function breakIfDead(path: string): Promise<void> {
  const before = await readHolder(path);
  if (before === null || isProcessRunning(before.holder)) return;
  const aside = `${path}.${randomUUID()}.dead`;
  try {
    await rename(path, aside);
    // Another process may have broken the same lock and taken it in between: then it is theirs again.
    if ((await readFile(aside, 'utf8')) !== before.text) await tryLink(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

async function readHolder(path: string): Promise<{ text: string; holder: ProcessIdentity } | null> {
  try {
    const text = await readFile(path, 'utf8');
    return { text, holder: JSON.parse(text) as ProcessIdentity };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
