import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseWorkerIdentity, isProcessAlive } from './worker-identity.ts';

/** What a worker process of this machine says of itself, as long as it serves. */
interface RegisteredWorker {
  identity: string;
  /** The server that it serves, so that workers of other servers leave it alone. */
  server: string;
}

/** The workers of this machine that serve one server, as files: those who were killed leave theirs behind. */
export interface WorkerRegistry {
  announce(identity: string): Promise<void>;
  retract(identity: string): Promise<void>;
  /** Workers whose processes are gone; each is handed to one caller only. */
  takeDead(): Promise<string[]>;
}

export function openWorkerRegistry(folder: string, server: string): WorkerRegistry {
  const pathOf = (identity: string): string => join(folder, `${identity.replaceAll(/[^\w.~-]/g, '_')}.json`);

  async function take(name: string): Promise<string | null> {
    const path = join(folder, name);
    const worker = await readWorker(path);
    if (worker?.server !== server || isProcessAlive(worker.identity)) return null;
    const taken = `${path}.${process.pid}.taken`;
    try {
      await rename(path, taken);
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
    await rm(taken, { force: true });
    return worker.identity;
  }

  return {
    async announce(identity) {
      // Where the start time cannot be read, nobody could tell its death.
      if (parseWorkerIdentity(identity) === null) return;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const worker: RegisteredWorker = { identity, server };
      const temporary = `${pathOf(identity)}.${process.pid}.tmp`;
      await writeFile(temporary, JSON.stringify(worker));
      await rename(temporary, pathOf(identity));
    },
    retract: (identity) => rm(pathOf(identity), { force: true }),
    async takeDead() {
      const names = await readdir(folder).catch((error: unknown) => {
        if (isMissing(error)) return [];
        throw error;
      });
      const dead = await Promise.all(names.filter((name) => name.endsWith('.json')).map(take));
      return dead.filter((identity) => identity !== null);
    },
  };
}

async function readWorker(path: string): Promise<RegisteredWorker | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as RegisteredWorker;
  } catch (error) {
    // Just retracted, or not ours.
    if (isMissing(error) || error instanceof SyntaxError) return null;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
