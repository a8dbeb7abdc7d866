import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { createIndexWriter, findInShard, type IndexShard } from '../../../activities/journal/journal-index.ts';
import { createFolderStore } from '../../../activities/store/folder-store.ts';

const folder = await mkdtemp(join(tmpdir(), 'syngraph-index-'));
after(() => rm(folder, { recursive: true }));
const store = createFolderStore(folder);

const find = (shard: IndexShard, key: string): ReturnType<typeof findInShard> =>
  findInShard(shard, key, (offset, length) => store.readRange(shard.key, offset, length));
const keyOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

test('finds every key that was added, and none that was not', async () => {
  let prefix = 0;
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.string(), { maxLength: 400 }), async (texts) => {
      const writer = createIndexWriter(store, `index-${prefix++}`);
      for (const [segment, text] of texts.entries()) await writer.add(keyOf(text), { segment, offset: segment * 7, length: text.length });
      const [shard] = await writer.finish();
      for (const [segment, text] of texts.entries()) {
        assert.ok(shard);
        assert.deepEqual(await find(shard, keyOf(text)), { segment, offset: segment * 7, length: text.length });
      }
      if (shard !== undefined) assert.equal(await find(shard, keyOf(`${texts.join()} and more`)), null);
    }),
    { numRuns: 20 },
  );
});

test('finds keys that crowd in one corner, where their place cannot be reckoned', async () => {
  const writer = createIndexWriter(store, 'crowded');
  const keys = Array.from({ length: 2000 }, (_, index) => `ff${index.toString(16).padStart(30, '0')}`);
  for (const [segment, key] of keys.entries()) await writer.add(key, { segment, offset: 0, length: 1 });
  const [shard] = await writer.finish();
  assert.ok(shard);
  assert.equal((await find(shard, keys[0] ?? ''))?.segment, 0);
  assert.equal((await find(shard, keys[1999] ?? ''))?.segment, 1999);
  assert.equal(await find(shard, keyOf('elsewhere')), null);
});
