import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';

import fc from 'fast-check';

import { createFolderStore } from '../../../activities/store/folder-store.ts';
import type { Store } from '../../../activities/store/store.ts';

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

  it('reads back what was written, creating folders', async () => {
    await store.write('runs/one/state.json', '{"a":1}');
    assert.equal((await store.read('runs/one/state.json'))?.toString(), '{"a":1}');
    assert.equal(await store.size('runs/one/state.json'), 7);
    assert.equal(await store.localPath('runs/one/state.json'), join(folder, 'runs/one/state.json'));
  });

  it('answers null for what is not there, and for folders no size', async () => {
    await store.write('present/key', 'x');
    assert.equal(await store.read('absent/key'), null);
    assert.equal(await store.readRange('absent/key', 0, 5), null);
    assert.equal(await store.size('absent/key'), null);
    assert.equal(await store.size('present'), null);
    assert.equal(await store.read('present/key/deeper'), null);
    assert.deepEqual(await store.list('absent'), []);
    await store.remove('absent/key');
  });

  it('lists the keys and folders of one level and leaves temporary files out', async () => {
    await store.write('listed/a', '1');
    await store.write('listed/deep/b', '2');
    await writeFile(join(folder, 'listed/.tmp-1-x'), 'torn');
    assert.deepEqual((await store.list('listed')).sort(), ['listed/a', 'listed/deep/']);
    assert.deepEqual((await store.list('listed/')).sort(), ['listed/a', 'listed/deep/']);
    assert.ok((await store.list('')).includes('listed/'));
  });

  it('reads any range as a slice of the whole', async () => {
    const content = Buffer.from('0123456789');
    await store.write('range', content);
    await fc.assert(
      fc.asyncProperty(fc.nat(15), fc.nat(15), async (offset, length) => {
        assert.deepEqual(await store.readRange('range', offset, length), content.subarray(offset, offset + length));
      }),
    );
  });

  it('refuses keys that could leave its folder', async () => {
    for (const key of ['../x', 'a/../../x', '/etc/passwd', '', 'a//b', './a', 'a\\..\\b', 'a\0b']) {
      await assert.rejects(store.write(key, 'x'), { code: 'STORE_INVALID' }, JSON.stringify(key));
    }
  });

  it('writes again after its folder was removed', async () => {
    await store.write('volatile/a', '1');
    await rm(join(folder, 'volatile'), { recursive: true });
    await store.write('volatile/b', '2');
    assert.equal((await store.read('volatile/b'))?.toString(), '2');
  });

  it('keeps the old content until a stream has finished, and for ever if it is destroyed', async () => {
    await store.write('streamed/out', 'old');
    const aborted = store.openWrite('streamed/out');
    aborted.write('half of the n');
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal((await store.read('streamed/out'))?.toString(), 'old');
    const closed = once(aborted, 'close');
    aborted.destroy();
    await closed;
    assert.equal((await store.read('streamed/out'))?.toString(), 'old');
    assert.deepEqual(await readdir(join(folder, 'streamed')), ['out']);

    await pipeline(Readable.from(['new ', 'content', ' ', 'ü']), store.openWrite('streamed/out'));
    assert.equal((await store.read('streamed/out'))?.toString(), 'new content ü');
    assert.deepEqual(await readdir(join(folder, 'streamed')), ['out']);
  });

  it('streams what it holds', async () => {
    await store.write('readable', 'some text');
    const chunks = await store.openRead('readable').toArray();
    assert.equal(Buffer.concat(chunks as Buffer[]).toString(), 'some text');
  });

  it('names the store when its folder cannot be made', async () => {
    await writeFile(join(folder, 'occupied'), 'a file');
    const broken = createFolderStore(join(folder, 'occupied', 'store'));
    await assert.rejects(broken.write('a', 'x'), { code: 'STORE_INVALID', message: /occupied\/store/ });
  });

  describe('append', () => {
    it('keeps the order of many appends, which are on disk when they resolve', async () => {
      const file = await store.openAppend('journal/lines');
      const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`);
      await Promise.all(lines.map((line) => file.append(line)));
      assert.equal(await readFile(join(folder, 'journal/lines'), 'utf8'), lines.join(''));
      await file.close();
    });

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
