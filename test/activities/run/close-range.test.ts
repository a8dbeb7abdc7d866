import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { ActivityDependencies } from '../../../activities/dependencies.ts';
import { closeRange } from '../../../activities/run/close-range.ts';
import { readManifest } from '../../../activities/run/range-files.ts';
import type { RunContext } from '../../../activities/run/run-context.ts';
import { openStore } from '../../../activities/store/open-store.ts';
import { SyngraphError } from '../../../pipeline/errors.ts';
import { emptyCounts, emptyStatistics } from '../../../pipeline/run-statistics.ts';

const folder = await mkdtemp(join(tmpdir(), 'syngraph-ranges-'));
after(() => rm(folder, { recursive: true, force: true }));
const store = openStore(folder, { localFolder: folder });
// Of a run, closing its ranges needs no more.
const run = { folder: 'runs/quiz/first', plan: { nodes: [{}] }, live: { flush: () => Promise.resolve() } } as unknown as RunContext;
const reference = { pipeline: 'quiz', run: 'first', planHash: '' };
const close = (finishedBatches: number[]): ReturnType<typeof closeRange> =>
  closeRange({ store } as ActivityDependencies, run, { run: reference, range: 0, batches: [], finishedBatches });

const footer = (batch: number, padding = ''): string =>
  JSON.stringify({ footer: { batch, counts: { ...emptyCounts(), written: 1, rows: 1 }, nodes: [{ ...emptyStatistics(), records: 1, calls: 2 }] }, metrics: [], padding });

const BATCHES = 60;
const ROW_BYTES = 300_000;

test('closing a range of finished batches reads the ends of their parts, some at a time', async () => {
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const name = `${String(batch).padStart(3, '0')}-001-aaaaaa.jsonl`;
    await store.write(`runs/quiz/first/parts/00000/${name}`, `[0,${JSON.stringify('x'.repeat(ROW_BYTES))}]\n${footer(batch, batch === 7 ? 'é'.repeat(50_000) : '')}\n`);
  }
  let bytes = 0;
  let underWay = 0;
  let most = 0;
  const read = store.read.bind(store);
  const readRange = store.readRange.bind(store);
  store.readRange = async (key, offset, length) => {
    underWay += 1;
    most = Math.max(most, underWay);
    const content = await readRange(key, offset, length);
    underWay -= 1;
    bytes += content?.length ?? 0;
    return content;
  };
  store.read = () => Promise.reject(new Error('a whole part is read'));
  const counts = await close(Array.from({ length: BATCHES }, (_, batch) => batch)).finally(() => Object.assign(store, { read, readRange }));
  assert.deepEqual([counts.written, counts.rows], [BATCHES, BATCHES]);
  assert.ok(most <= 8, `${most} parts at once`);
  assert.ok(bytes < (BATCHES * ROW_BYTES) / 8, `${bytes} bytes`);
  const manifest = await readManifest(store, 'runs/quiz/first', 0);
  assert.deepEqual(manifest?.batches.map(({ batch }) => batch), Array.from({ length: BATCHES }, (_, batch) => batch));
  assert.equal(manifest?.nodes[0]?.calls, 2 * BATCHES);
});

test('a part that is gone, empty or cut off is told of', async () => {
  for (const [batch, content] of [[61, ''], [62, `[0,{}]\n${footer(62).slice(0, 40)}`], [63, '[0,{}]\n']] as const) {
    await store.write(`runs/quiz/first/parts/00000/0${batch}-001-aaaaaa.jsonl`, content);
  }
  for (const batch of [61, 62, 63, 64]) {
    await assert.rejects(close([batch]), (error: unknown) => error instanceof SyngraphError && error.code === 'STORE_INVALID' && /gone|damaged/.test(error.message), String(batch));
  }
});
