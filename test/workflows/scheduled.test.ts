import assert from 'node:assert/strict';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import { scheduleOptions } from '../../cli/schedule/create-schedule.ts';
import { describeSchedule } from '../../cli/schedule/describe-schedule.ts';
import { startFakeModel } from '../../fake-model/start-fake-model.ts';
import type { RunSummary } from '../../pipeline/run-contract.ts';
import { ASK_YAML, askFiles, numbered } from '../support/ask-task.ts';
import { startEngine } from '../support/engine.ts';
import { readTask, startTask } from '../support/run-task.ts';
import { until } from '../support/until.ts';

const fake = await startFakeModel();
const engine = await startEngine({ SYGRA_WRITER_URL: fake.url });
after(async () => {
  await engine.close();
  await fake.close();
});

const FILES = askFiles(3);

test('each due time is one run, named and seeded by it, however often it is asked for', async () => {
  const { id, result } = await startTask(engine, { yaml: ASK_YAML, files: FILES });
  await result;
  const { reference } = JSON.parse(await readFile(join(engine.store.location, `runs/${id}/run.json`), 'utf8')) as { reference: { planHash: string; pipeline: string } };
  const { pipeline, planHash } = reference;
  const output = join(engine.folder, 'night-{date}-{time}.jsonl');
  const handle = await engine.client.schedule.create(
    scheduleOptions({ flags: { cron: ['0 2 * * *'], timeZone: 'Asia/Tokyo', id: 'nightly', paused: true }, pipeline, task: 'quiz', input: { planHash, output, seed: 5 }, localZone: 'UTC' }),
  );
  const before = fake.stats().calls;
  const nights = { start: new Date('2026-11-01T12:00:00Z'), end: new Date('2026-11-03T12:00:00Z'), overlap: 'ALLOW_ALL' as const };
  await handle.backfill(nights);
  const runs = ['nightly-20261101T170000Z', 'nightly-20261102T170000Z'];
  const summaries = await Promise.all(runs.map((run) => finished(`${pipeline}/${run}`)));
  assert.deepEqual(summaries.map(({ status }) => status), ['done', 'done']);
  assert.deepEqual(summaries.map((summary) => summary.output), ['2026-11-02', '2026-11-03'].map((date) => join(engine.folder, `night-${date}-0200.jsonl`)));
  const seeds = await Promise.all(runs.map(async (run) => (JSON.parse(await readFile(join(engine.store.location, `runs/${pipeline}/${run}/run.json`), 'utf8')) as { seed: number }).seed));
  assert.deepEqual(seeds, [Date.parse('2026-11-01T17:00:00Z') / 1000 + 5, Date.parse('2026-11-02T17:00:00Z') / 1000 + 5]);
  assert.equal(fake.stats().calls - before, 6, 'each night is new data');

  // The server may pass over a backfill that it takes for a repetition of the one before.
  let turns = 0;
  await until(async () => {
    if (turns++ % 200 === 0) await handle.backfill(nights);
    const { info } = await handle.describe();
    return info.numActionsTaken >= 4 && info.runningActions.length === 0;
  });
  await sleep(300);
  assert.equal(fake.stats().calls - before, 6, 'a night that is done is not paid for again');
  const folders = await readdir(join(engine.store.location, 'runs', pipeline));
  assert.deepEqual(folders.filter((name) => name.startsWith('nightly')).sort(), runs);

  const described = describeSchedule(await handle.describe());
  assert.deepEqual([described.id, described.paused, described.overlap, described.catchUpSeconds, described.timeZone], ['nightly', true, 'skip', 3600, 'Asia/Tokyo']);
  assert.deepEqual(described.cron, ['0 2 * * *']);
  assert.deepEqual([...new Set(described.recent.map(({ run }) => run))].sort(), runs);
  await handle.delete();
});

async function finished(workflowId: string): Promise<RunSummary> {
  const handle = engine.client.workflow.getHandle(workflowId);
  await until(() => handle.describe().catch((error: unknown) => (error instanceof WorkflowNotFoundError ? null : Promise.reject(error as Error))));
  return (await handle.result()) as RunSummary;
}

test('what would lose data or never be due is refused', () => {
  const refused = (flags: object, input: object, expected: RegExp): void => {
    assert.throws(() => scheduleOptions({ flags: { cron: ['@daily'], ...flags }, pipeline: 'quiz', task: 'quiz', input, localZone: 'UTC' }), expected);
  };
  refused({}, { output: '/tmp/out.jsonl' }, /write over/);
  refused({ cron: ['at noon'] }, {}, /no cron expression/);
  refused({ timeZone: 'Europe/Atlantis' }, {}, /no time zone/);
  refused({ catchUp: '1s' }, {}, /no catch-up window/);
  refused({ id: 'a/b' }, {}, /cannot be the id/);
});

test('a run of new records takes what no earlier run has finished, once', async () => {
  const { id, result } = await startTask(engine, { yaml: ASK_YAML, files: FILES, input: { numRecords: 2 } });
  assert.equal((await result).counts.written, 2);
  const [task = ''] = id.split('/');
  const folder = join(engine.folder, task);
  const again = async (run: string, numbers: number[], more: object = {}): Promise<number[]> => {
    await writeFile(join(folder, 'in.jsonl'), numbered(numbers));
    const input = { task, newOnly: true, output: join(folder, `${run}.jsonl`), ...more };
    const { rows } = await readTask(id, await engine.start(`${task}/${run}`, input));
    return rows.map(({ n }) => n as number);
  };
  assert.deepEqual(await again('second', [0, 1, 2, 3]), [2, 3]);
  assert.deepEqual(await again('third', [3, 2, 4, 5, 6], { numRecords: 2 }), [4, 5]);
  assert.deepEqual(await again('fourth', [6, 0, 5]), [6]);
  assert.deepEqual(await again('fifth', [6, 0, 5]), []);
});
