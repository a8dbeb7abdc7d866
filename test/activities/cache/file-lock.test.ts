import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { withFileLock } from '../../../activities/cache/file-lock.ts';

describe('withFileLock', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'syngraph-lock-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('lets one in at a time, and leaves nothing behind', async () => {
    const path = join(folder, 'one.lock');
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await sleep(3);
      inside--;
    };
    await Promise.all(Array.from({ length: 8 }, () => withFileLock(path, work)));
    assert.equal(most, 1);
    assert.deepEqual(await readdir(folder), []);
  });

  it('is free again after the work has thrown', async () => {
    const path = join(folder, 'thrown.lock');
    await assert.rejects(withFileLock(path, () => Promise.reject(new Error('no'))), /no/);
    assert.equal(await withFileLock(path, () => Promise.resolve(1)), 1);
  });

  it('takes over from a holder that has died, one at a time even then', async () => {
    const path = join(folder, 'dead.lock');
    // Our own pid with another start time: a pid that was given out again.
    await writeFile(path, JSON.stringify({ pid: process.pid, startTime: 'long ago' }));
    let inside = 0;
    const work = async (): Promise<number> => {
      assert.equal(++inside, 1);
      await sleep(3);
      return --inside;
    };
    await Promise.all(Array.from({ length: 4 }, () => withFileLock(path, work)));
    assert.deepEqual(await readdir(folder), []);
  });
});
