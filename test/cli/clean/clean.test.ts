import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { chooseExpired } from '../../../cli/clean/choose-expired.ts';
import { findDownloads } from '../../../cli/clean/clean-cache.ts';
import { findUnreferred } from '../../../cli/clean/find-unreferred.ts';
import { readStoredRuns, type StoredRun } from '../../../cli/clean/stored-runs.ts';
import { byteSize, formatBytes } from '../../../cli/options/parse-size.ts';
import { collectSeen } from '../../../activities/run/seen/collect-seen.ts';
import { withoutSeen } from '../../../activities/run/seen/without-seen.ts';
import type { StagedLine } from '../../../activities/run/staged-range.ts';
import { createFolderStore } from '../../../activities/store/folder-store.ts';
import { createS3Store } from '../../../activities/store/s3/s3-store.ts';
import type { Store } from '../../../activities/store/store.ts';
import { runInProcess } from '../run-in-process.ts';
import { startS3Server } from '../../support/s3-server.ts';

const DAY = 24 * 60 * 60_000;

async function workFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'syngraph-clean-'));
  context.after(() => rm(folder, { recursive: true }));
  return folder;
}

const COUNTS = { total: 1, rows: 1, written: 1, failed: 0, filtered: 0, cancelled: 0, spawned: 0 };

/** Writes what a run leaves behind; `media` is what its record refers to. */
async function writeRun(store: Store, name: string, { plan = 'p', ended = true, media = '' }: { plan?: string; ended?: boolean; media?: string } = {}): Promise<void> {
  const [pipeline, run] = name.split('/');
  const folder = `runs/${name}`;
  await store.write(`${folder}/run.json`, JSON.stringify({ reference: { pipeline, run, planHash: plan }, createdAt: '2026-01-01T00:00:00Z', outputs: [], simulatedModels: [] }));
  await store.write(`${folder}/parts/00000/000-a.jsonl`, `{"picture":{"$media":"${media}"}}${'x'.repeat(5_000)}`);
  if (ended) await store.write(`${folder}/summary.json`, JSON.stringify({ status: 'done', output: null, failedRecords: null, counts: COUNTS, nodes: {}, seconds: 1 }));
}

/** Makes everything below a folder look as if it were written so many days ago. */
async function age(folder: string, days: number): Promise<void> {
  const time = new Date(Date.now() - days * DAY);
  for (const name of await readdir(folder, { recursive: true })) await utimes(join(folder, name), time, time);
}

const mediaName = (content: string): string => `${createHash('sha256').update(content).digest('hex')}.png`;

test('old runs go with their retries, and only when it is said; unfinished and young ones stay', async (context) => {
  const folder = await workFolder(context);
  const root = join(folder, '.syngraph');
  const store = createFolderStore(root);
  for (const name of ['facts/old', 'facts/old~retry-1', 'facts/young']) await writeRun(store, name);
  await writeRun(store, 'facts/begun', { ended: false });
  for (const name of ['old', 'old~retry-1', 'begun']) await age(join(root, 'runs/facts', name), 40);

  const shown = await runInProcess(folder, ['clean', '--older-than', '30d']);
  assert.equal(shown.exitCode, 0);
  assert.match(shown.output, /facts\/old +10\.\d kB/);
  assert.match(shown.output, /1 unfinished run stays/);
  assert.match(shown.output, /10\.\d kB would be freed; --yes does it/);
  assert.equal((await readdir(join(root, 'runs/facts'))).length, 4);

  const { output } = await runInProcess(folder, ['clean', '--older-than', '30d', '--yes']);
  assert.match(output, /10\.\d kB freed/);
  assert.deepEqual((await readdir(join(root, 'runs/facts'))).sort(), ['begun', 'young']);
  await runInProcess(folder, ['clean', '--older-than', '30d', '--unfinished', '--yes']);
  assert.deepEqual(await readdir(join(root, 'runs/facts')), ['young']);
  await runInProcess(folder, ['clean', 'young', '--yes']);
  assert.deepEqual(await readdir(join(root, 'runs/facts')), []);
});

test('source records that a removed run has finished stay seen by later runs of new records only', async (context) => {
  const folder = await workFolder(context);
  const store = createFolderStore(join(folder, '.syngraph'));
  const lines: StagedLine[] = [['0', { n: 0 }], ['1', { n: 1 }]];
  for (const name of ['facts/whole', 'facts/broken']) {
    await writeRun(store, name);
    await store.write(`runs/${name}/source/00000.json`, JSON.stringify({ firstOrdinal: 0, records: 1, batchSize: 1, offsets: [0], last: true }));
  }
  await store.write('runs/facts/whole/source/00000.jsonl', `${JSON.stringify(lines[0])}\n`);
  const cleaned = await runInProcess(folder, ['clean', 'facts/whole', 'facts/broken', '--yes']);
  assert.equal(cleaned.exitCode, 0);
  assert.match(cleaned.output, /records of facts\/broken are new again for --new-only: .*00000\.jsonl/);
  assert.deepEqual(await store.list('runs/facts'), []);
  await collectSeen(store, { pipeline: 'facts', run: 'next', planHash: '' }, new AbortController().signal);
  const left: string[] = [];
  for await (const [id] of withoutSeen(store, 'runs/facts/next', Readable.from(lines))) left.push(id);
  assert.deepEqual(left, ['1']);
});

test('what is to be removed must be said', async (context) => {
  const folder = await workFolder(context);
  assert.equal((await runInProcess(folder, ['clean', '--yes'])).error?.code, 'USAGE');
  assert.equal((await runInProcess(folder, ['clean', 'nobody', '--yes'])).error?.code, 'RUN_NOT_FOUND');
});

test('media and plans that a run which stays refers to are kept, old ones of nobody are not', async (context) => {
  const root = join(await workFolder(context), '.syngraph');
  const store = createFolderStore(root);
  await writeRun(store, 'facts/stays', { plan: 'used', media: mediaName('seen') });
  await store.write('plans/used.json', JSON.stringify({ bundle: { hash: 'code' } }));
  await store.write('plans/left.json', JSON.stringify({ bundle: null }));
  for (const hash of ['code', 'gone']) await store.write(`bundles/${hash}.mjs`, '1');
  for (const content of ['seen', 'unseen']) await store.write(`media/${mediaName(content)}`, content);
  await age(root, 2);
  await store.write(`media/${mediaName('young')}`, 'young');
  const referring = { folders: ['runs/facts/stays'], plans: ['used'], now: Date.now() };
  const keys = async (plans: string[] | null): Promise<string[]> => (await findUnreferred(store, { ...referring, plans })).map(({ key }) => key).sort();
  assert.deepEqual(await keys(['used']), ['bundles/gone.mjs', `media/${mediaName('unseen')}`, 'plans/left.json']);
  // Without a server nobody knows what schedules use.
  assert.deepEqual(await keys(null), [`media/${mediaName('unseen')}`]);
});

test('a bucket is cleaned like a folder, parts of unclosed files included', async (context) => {
  const server = await startS3Server({ pageSize: 3 });
  context.after(() => server.close());
  Object.assign(process.env, server.environment);
  const store = createS3Store({ address: 's3://data/store', copiesFolder: await workFolder(context) });
  await writeRun(store, 'facts/one');
  await store.write('runs/facts/one/journal/00000/000/0-a.jsonl', 'whole');
  await store.write('runs/facts/one/journal/00000/000/0-a~000000.jsonl', 'spent');
  const [run] = await readStoredRuns(store, { server: null, now: Date.now() });
  assert.equal(run?.state, 'ended');
  assert.ok(run.bytes > 5_000 && Date.now() - run.usedAt < 60_000);
  for (const folder of run.folders) await store.removeFolder(folder);
  assert.deepEqual([...server.objects.keys()].filter((key) => key.startsWith('data/store/runs')), []);
});

test('size takes the oldest ended runs until the rest fits; age and size together never touch an open run', () => {
  const runs = fc.array(fc.record({ bytes: fc.nat(1_000), usedAt: fc.nat(1_000), state: fc.constantFrom('ended' as const, 'open' as const, 'unfinished' as const) }), { maxLength: 12 });
  fc.assert(
    fc.property(runs, fc.option(fc.nat(1_000), { nil: undefined }), fc.option(fc.nat(4_000), { nil: undefined }), (given, before, keepBytes) => {
      const all = given.map((run, index): StoredRun => ({ ...run, name: { pipeline: 'p', run: String(index) }, folders: [], plans: [] }));
      const expired = chooseExpired(all, { ...(before === undefined ? {} : { before }), ...(keepBytes === undefined ? {} : { keepBytes }), named: new Set(), unfinished: false });
      assert.ok(expired.every(({ state }) => state === 'ended'));
      const kept = all.filter((run) => !expired.includes(run));
      const ended = kept.filter(({ state }) => state === 'ended');
      if (before !== undefined) assert.ok(ended.every(({ usedAt }) => usedAt >= before));
      const bytes = kept.reduce((sum, run) => sum + run.bytes, 0);
      if (keepBytes !== undefined && bytes > keepBytes) assert.deepEqual(ended, []);
      // What was taken for its size is older than what was left.
      const newest = Math.max(-1, ...expired.map(({ usedAt }) => usedAt));
      assert.ok(ended.every(({ usedAt }) => usedAt >= newest));
    }),
  );
});

test('downloads are each one model or program', async (context) => {
  const cache = await workFolder(context);
  await mkdir(join(cache, 'models/tiny/onnx'), { recursive: true });
  await mkdir(join(cache, 'temporal-1.9.1'), { recursive: true });
  await mkdir(join(cache, 'workers'));
  await writeFile(join(cache, 'models/tiny/onnx/model.onnx'), 'x'.repeat(100));
  await writeFile(join(cache, 'models/tiny/config.json'), '{}');
  await writeFile(join(cache, 'models/tiny.lock'), '');
  await writeFile(join(cache, 'temporal-1.9.1/temporal'), 'x'.repeat(50));
  const found = await findDownloads(cache);
  assert.deepEqual(found.map(({ path, bytes }) => [path.slice(cache.length + 1), bytes]), [['models/tiny', 102], ['temporal-1.9.1', 50]]);
  assert.deepEqual(await findDownloads(join(cache, 'absent')), []);
});

test('sizes are read and written with their units', () => {
  assert.deepEqual(['10GB', '1.5 MiB', '7', '2kB', '3b'].map(byteSize), [10e9, 1.5 * 2 ** 20, 7, 2_000, 3]);
  for (const text of ['', 'GB', '-1GB', '5 parsecs', '1e9']) assert.throws(() => byteSize(text));
  assert.deepEqual([0, 999, 1_000, 1_500_000, 12_345_678_901].map(formatBytes), ['0 bytes', '999 bytes', '1.0 kB', '1.5 MB', '12.3 GB']);
});
