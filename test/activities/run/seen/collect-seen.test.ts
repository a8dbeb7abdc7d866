import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { collectSeen, keepSeen } from '../../../../activities/run/seen/collect-seen.ts';
import { withoutSeen } from '../../../../activities/run/seen/without-seen.ts';
import type { StagedLine } from '../../../../activities/run/staged-range.ts';
import { openStore } from '../../../../activities/store/open-store.ts';

const folder = await mkdtemp(join(tmpdir(), 'syngraph-seen-'));
after(() => rm(folder, { recursive: true, force: true }));
const store = openStore(folder, { localFolder: folder });

const line = (n: number): StagedLine => [String(n), { n }];

async function newOf(run: string, numbers: number[]): Promise<unknown[]> {
  await collectSeen(store, { pipeline: 'quiz', run, planHash: '' }, new AbortController().signal);
  const found: unknown[] = [];
  async function* lines(): AsyncGenerator<StagedLine> {
    yield* numbers.map(line);
  }
  for await (const [, { n }] of withoutSeen(store, `runs/quiz/${run}`, lines())) found.push(n);
  return found;
}

test('records of an ended run are seen although whoever wrote down its hashes was killed on the way', async () => {
  for (const range of [0, 1]) {
    const staged = [line(2 * range), line(2 * range + 1)];
    await store.write(`runs/quiz/first/source/0000${range}.json`, JSON.stringify({ firstOrdinal: 2 * range, records: 2, batchSize: 2, offsets: [0], last: range === 1 }));
    await store.write(`runs/quiz/first/source/0000${range}.jsonl`, staged.map((one) => `${JSON.stringify(one)}\n`).join(''));
    await store.write(`runs/quiz/first/parts/0000${range}/00000-001-aaaaaa.jsonl`, '');
  }
  await store.write('runs/quiz/first/summary.json', JSON.stringify({ status: 'done' }));
  assert.deepEqual(await newOf('second', [0, 1, 2, 3, 4]), [4]);
  await store.remove('seen/quiz/first/00001.bin');
  assert.deepEqual(await newOf('third', [0, 1, 2, 3, 4]), [4]);
  // What is left of a run that was cleaned up is all that there is.
  await store.removeFolder('runs/quiz/first');
  assert.deepEqual(await newOf('fourth', [0, 1, 2, 3, 4]), [4]);
});

test('what a run that is removed unfinished had finished stays seen', async () => {
  const staged = [10, 11, 12, 13].map(line);
  await store.write('runs/quiz/stopped/source/00000.json', JSON.stringify({ firstOrdinal: 0, records: 4, batchSize: 2, offsets: [0, 1], last: true }));
  await store.write('runs/quiz/stopped/source/00000.jsonl', staged.map((one) => `${JSON.stringify(one)}\n`).join(''));
  await store.write('runs/quiz/stopped/parts/00000/00001-001-aaaaaa.jsonl', '');
  await keepSeen(store, { pipeline: 'quiz', run: 'stopped' }, new AbortController().signal);
  // It is resumed in between, and does more.
  await store.write('runs/quiz/stopped/parts/00000/00000-001-aaaaaa.jsonl', '');
  assert.deepEqual(await newOf('fifth', [10, 11, 12, 13, 14]), [14]);
  await store.remove('runs/quiz/stopped/parts/00000/00000-001-aaaaaa.jsonl');
  await store.removeFolder('runs/quiz/stopped');
  assert.deepEqual(await newOf('sixth', [10, 11, 12, 13, 14]), [10, 11, 14]);
});
