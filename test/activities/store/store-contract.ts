import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { it } from 'node:test';
import fc from 'fast-check';
import type { Store, StoreEntry } from '../../../activities/store/store.ts';
import { until } from '../../support/until.ts';

/** What every store does. To be called within `describe`; `storeOf` is asked once the hooks have run. */
export function itKeepsTheContract(storeOf: () => Store): void {
  it('reads back what was written', async () => {
    const store = storeOf();
    await store.write('runs/one/state.json', '{"a":1}');
    assert.equal((await store.read('runs/one/state.json'))?.toString(), '{"a":1}');
    assert.equal(await store.size('runs/one/state.json'), 7);
    await store.write('runs/one/state.json', new Uint8Array([0, 255]));
    assert.deepEqual(await store.read('runs/one/state.json'), Buffer.from([0, 255]));
  });

  it('keeps what is empty, and keys with odd characters', async () => {
    const store = storeOf();
    await store.write('odd/empty', '');
    assert.equal((await store.read('odd/empty'))?.length, 0);
    assert.equal(await store.size('odd/empty'), 0);
    assert.equal(Buffer.concat((await store.openRead('odd/empty').toArray()) as Buffer[]).length, 0);
    const keys = ['odd/a b', 'odd/ü+%2F', 'odd/x&y=z', 'odd/#?', 'odd/~x'];
    for (const key of keys) await store.write(key, key);
    for (const key of keys) assert.equal((await store.read(key))?.toString(), key);
    assert.deepEqual((await store.list('odd')).sort(), ['odd/empty', ...keys].sort());
  });

  it('answers null for what is not there, and for folders no size', async () => {
    const store = storeOf();
    await store.write('present/key', 'x');
    assert.equal(await store.read('absent/key'), null);
    assert.equal(await store.readRange('absent/key', 0, 5), null);
    assert.equal(await store.size('absent/key'), null);
    assert.equal(await store.size('present'), null);
    assert.equal(await store.read('present/key/deeper'), null);
    assert.deepEqual(await store.list('absent'), []);
    await store.remove('absent/key');
    await assert.rejects(store.openRead('absent/key').toArray());
  });

  it('removes one key', async () => {
    const store = storeOf();
    await store.write('removed/a', '1');
    await store.write('removed/b', '2');
    await store.remove('removed/a');
    assert.deepEqual(await store.list('removed'), ['removed/b']);
  });

  it('tells everything below a folder with size and time, and removes it', async () => {
    const store = storeOf();
    const before = Date.now() - 5_000;
    const entriesOf = async (folder: string): Promise<StoreEntry[]> => {
      const entries: StoreEntry[] = [];
      for await (const entry of store.entries(folder)) entries.push(entry);
      return entries;
    };
    await store.write('whole/a', '123');
    await store.write('whole/deep/er/b', '12345');
    await store.write('whole-not/c', '1');
    const entries = await entriesOf('whole');
    assert.deepEqual(entries.map(({ key, bytes }) => [key, bytes]).sort(), [['whole/a', 3], ['whole/deep/er/b', 5]]);
    assert.ok(entries.every(({ modified }) => modified > before && modified < Date.now() + 5_000));
    await store.removeFolder('whole/');
    assert.deepEqual(await entriesOf('whole'), []);
    assert.deepEqual((await store.list('')).filter((key) => key.startsWith('whole')), ['whole-not/']);
    await store.removeFolder('whole');
    assert.deepEqual(await entriesOf('absent'), []);
  });

  it('lists the keys and folders of one level', async () => {
    const store = storeOf();
    await store.write('listed/a', '1');
    await store.write('listed/deep/b', '2');
    await store.write('listed-not', '3');
    await store.write('nested/one/two/three', '4');
    assert.deepEqual(await store.list('nested'), ['nested/one/']);
    assert.deepEqual((await store.list('listed')).sort(), ['listed/a', 'listed/deep/']);
    assert.deepEqual((await store.list('listed/')).sort(), ['listed/a', 'listed/deep/']);
    const root = await store.list('');
    assert.ok(root.includes('listed/') && root.includes('listed-not'));
  });

  it('reads any range as a slice of the whole', async () => {
    const store = storeOf();
    const content = Buffer.from('0123456789');
    await store.write('range', content);
    await fc.assert(
      fc.asyncProperty(fc.nat(15), fc.nat(15), async (offset, length) => {
        assert.deepEqual(await store.readRange('range', offset, length), content.subarray(offset, offset + length));
      }),
    );
  });

  it('refuses keys that could leave its folder', async () => {
    const store = storeOf();
    for (const key of ['../x', 'a/../../x', '/etc/passwd', '', 'a//b', './a', 'a\\..\\b', 'a\0b']) {
      await assert.rejects(store.write(key, 'x'), { code: 'STORE_INVALID' }, JSON.stringify(key));
    }
  });

  it('keeps the old content until a stream has finished, and for ever if it is destroyed', async () => {
    const store = storeOf();
    await store.write('streamed/out', 'old');
    const aborted = store.openWrite('streamed/out');
    aborted.write('half of the n');
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal((await store.read('streamed/out'))?.toString(), 'old');
    const closed = once(aborted, 'close');
    aborted.destroy();
    await closed;
    assert.equal((await store.read('streamed/out'))?.toString(), 'old');
    assert.deepEqual(await store.list('streamed'), ['streamed/out']);

    await pipeline(Readable.from(['new ', 'content', ' ', 'ü']), store.openWrite('streamed/out'));
    assert.equal((await store.read('streamed/out'))?.toString(), 'new content ü');
    assert.deepEqual(await store.list('streamed'), ['streamed/out']);
  });

  it('streams more than fits into one request in both directions', async () => {
    const store = storeOf();
    const block = Buffer.alloc(1024 * 1024);
    for (let index = 0; index < block.length; index += 4) block.writeUInt32LE(index * 2654435761 % 2 ** 32, index);
    await pipeline(Readable.from(Array.from({ length: 35 }, () => block)), store.openWrite('large'));
    assert.equal(await store.size('large'), 35 * block.length);
    let position = 0;
    for await (const chunk of store.openRead('large')) {
      const bytes = chunk as Buffer;
      const start = position % block.length;
      const expected = start + bytes.length <= block.length ? block.subarray(start, start + bytes.length) : Buffer.concat([block, block]).subarray(start, start + bytes.length);
      assert.ok(bytes.equals(expected), `at ${position}`);
      position += bytes.length;
    }
    assert.equal(position, 35 * block.length);
    await store.remove('large');
  });

  it('gives files to threads and processes', async () => {
    const store = storeOf();
    await store.write('code/one.mjs', 'first');
    const path = await store.localPath('code/one.mjs');
    assert.equal(await readFile(path, 'utf8'), 'first');
    assert.ok(path.endsWith(join('code', 'one.mjs')));
    // What belongs together lies together.
    await store.write('code/two.json', 'beside');
    assert.equal(dirname(await store.localPath('code/two.json')), dirname(path));
    await store.write('code/one.mjs', 'second');
    assert.equal(await readFile(await store.localPath('code/one.mjs'), 'utf8'), 'second');
    const folder = await mkdtemp(join(tmpdir(), 'syngraph-copy-'));
    try {
      await store.copyTo('code/one.mjs', join(folder, 'copy'));
      assert.equal(await readFile(join(folder, 'copy'), 'utf8'), 'second');
      await writeFile(join(folder, 'older'), 'stays');
      await store.copyTo('code/one.mjs', join(folder, 'older'));
      assert.equal(await readFile(join(folder, 'older'), 'utf8'), 'stays');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('keeps the order of many appends, which are there once they are flushed', async () => {
    const store = storeOf();
    const file = await store.openAppend('journal/many/lines.jsonl');
    const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`);
    await Promise.all(lines.slice(0, 15_000).map((line) => file.append(line)));
    await file.flush();
    assert.equal(await appended(store, 'journal/many'), lines.slice(0, 15_000).join(''));
    await Promise.all(lines.slice(15_000).map((line) => file.append(line)));
    await file.close();
    await file.close();
    assert.equal(await appended(store, 'journal/many'), lines.join(''));
    assert.equal((await store.read('journal/many/lines.jsonl'))?.toString(), lines.join(''));
    await assert.rejects(file.append('late\n'), { code: 'INTERNAL' });
  });

  it('keeps what was appended by itself, without being told to', async () => {
    const store = storeOf();
    const file = await store.openAppend('journal/soon/lines.jsonl');
    await file.append('first\n');
    await file.append('second\n');
    await until(async () => (await appended(store, 'journal/soon')) !== '');
    assert.equal(await appended(store, 'journal/soon'), 'first\nsecond\n');
    await file.close();
  });
}

/** What a reader of the journal finds in a folder. */
export async function appended(store: Store, folder: string): Promise<string> {
  const contents: string[] = [];
  for (const key of (await store.list(folder)).sort()) contents.push((await store.read(key))?.toString() ?? '');
  return contents.join('');
}
