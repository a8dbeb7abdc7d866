import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';

import { createFolderStore } from '../../../activities/store/folder-store.ts';
import type { Store } from '../../../activities/store/store.ts';
import { itKeepsTheContract } from './store-contract.ts';

describe('folder store', () => {
  let folder: string;
  let store: Store;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'syngraph-store-'));
    store = createFolderStore(folder);
  });
  after(async () => {
    await rm(folder, { recursive: true });
  });

  itKeepsTheContract(() => store);

  it('keeps its files under their keys', async () => {
    await store.write('runs/one/state.json', '{"a":1}');
    assert.equal(await store.localPath('runs/one/state.json'), join(folder, 'runs/one/state.json'));
  });

  it('leaves temporary files out of its lists, and none behind', async () => {
    await store.write('listed/a', '1');
    await writeFile(join(folder, 'listed/.tmp-1-x'), 'torn');
    assert.ok(!(await store.list('listed')).some((key) => key.includes('tmp')));
    await pipeline(Readable.from(['content']), store.openWrite('finished/out'));
    assert.deepEqual(await readdir(join(folder, 'finished')), ['out']);
  });

  it('writes again after its folder was removed', async () => {
    await store.write('volatile/a', '1');
    await rm(join(folder, 'volatile'), { recursive: true });
    await store.write('volatile/b', '2');
    assert.equal((await store.read('volatile/b'))?.toString(), '2');
  });

  it('names the store when its folder cannot be made', async () => {
    await writeFile(join(folder, 'occupied'), 'a file');
    const broken = createFolderStore(join(folder, 'occupied', 'store'));
    await assert.rejects(broken.write('a', 'x'), { code: 'STORE_INVALID', message: /occupied\/store/ });
  });

  describe('append', () => {
    it('flushes on close, continues an existing file and refuses more', async () => {
      const first = await store.openAppend('journal/continued');
      void first.append('a\n');
      await first.close();
      const second = await store.openAppend('journal/continued');
      void second.append('b\n');
      await second.close();
      await second.close();
      assert.equal((await store.read('journal/continued'))?.toString(), 'a\nb\n');
      await assert.rejects(second.append('c\n'), { code: 'INTERNAL' });
    });

    it(
      'tells every waiter of a full disk, and whoever comes later',
      { skip: process.platform !== 'linux' },
      async () => {
        await mkdir(join(folder, 'full'));
        await symlink('/dev/full', join(folder, 'full/lines'));
        const file = await store.openAppend('full/lines');
        const outcomes = await Promise.allSettled([file.append('a'), file.append('b')]);
        for (const outcome of outcomes) {
          assert.equal(outcome.status, 'rejected');
          assert.equal((outcome.reason as { code: string }).code, 'DISK_FULL');
          assert.ok((outcome.reason as Error).message.includes(folder));
        }
        await assert.rejects(file.append('c'), { code: 'DISK_FULL' });
        await assert.rejects(file.close(), { code: 'DISK_FULL' });
      },
    );
  });
});
