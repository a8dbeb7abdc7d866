import { execFile } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A file system of its own that can be filled. */
export interface SmallDisk {
  folder: string;
  /** Takes all the room that is left. */
  fill(): Promise<void>;
  free(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Mounts some megabytes of memory, as root or by `sudo`. Where neither may, the test is skipped, and
 * fails on a machine that tests for others (CI is set).
 */
export async function mountSmallDisk(test: TestContext, megabytes: number): Promise<SmallDisk | null> {
  const folder = await mkdtemp(join(tmpdir(), 'syngraph-disk-'));
  const mount = ['mount', '-t', 'tmpfs', '-o', `size=${megabytes}m,mode=777`, 'tmpfs', folder];
  for (const sudo of [[], ['sudo', '-n']]) {
    const [command = '', ...rest] = [...sudo, ...mount];
    const isMounted = await run(command, rest).then(() => true, () => false);
    if (isMounted) return smallDisk(folder, sudo);
  }
  await rm(folder, { recursive: true });
  if (process.env.CI !== undefined && process.env.CI !== '') throw new Error('no file system can be mounted here: let CI run this test as root, or with sudo');
  test.skip('no file system can be mounted here: neither as root nor by sudo');
  return null;
}

function smallDisk(folder: string, sudo: string[]): SmallDisk {
  const filler = join(folder, 'filler');
  return {
    folder,
    async fill() {
      const file = await open(filler, 'w');
      try {
        for (let size = 1024 * 1024; size >= 1; size = Math.floor(size / 2)) {
          // A short write is no failure; the next one is.
          for (let isFull = false; !isFull; ) isFull = await file.write(Buffer.alloc(size)).then(() => false, () => true);
        }
      } finally {
        await file.close();
      }
    },
    free: () => rm(filler),
    async close() {
      const [command = '', ...rest] = [...sudo, 'umount', '--lazy', folder];
      await run(command, rest);
      await rm(folder, { recursive: true });
    },
  };
}
