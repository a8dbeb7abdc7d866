import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { exportRun } from '../../activities/run/export-run.ts';
import type { LiveCounters, RunDescription } from '../../activities/run/run-files.ts';
import { startFakeModel } from '../../fake-model/start-fake-model.ts';
import { TASK_QUEUE, WORKFLOW_TYPES, type RunControl, type RunProgress, type RunSummary } from '../../pipeline/run-contract.ts';
import type { NodeStatistics } from '../../pipeline/run-statistics.ts';
import { ASK_YAML, askFiles } from '../support/ask-task.ts';
import { startEngine } from '../support/engine.ts';
import { quiet } from '../support/quiet.ts';
import { readTask, startTask } from '../support/run-task.ts';
import { until } from '../support/until.ts';

const fake = await startFakeModel();
const engine = await startEngine({ SYGRA_WRITER_URL: fake.url, SYGRA_DOUBTER_URL: fake.url });
after(async () => {
  await engine.close();
  await fake.close();
});
beforeEach(() => fake.control({ rules: [], latencyMilliseconds: 60 }));

/** From now on calls take so long that a run does not come to its end while it is steered, however busy the machine is. */
const slowDown = (): void => fake.control({ latencyMilliseconds: 1_000 });
const speedUp = (): void => fake.control({ latencyMilliseconds: 0 });

const MODELS = 'writer: { model_type: openai, model: fake, price: { input: 100, output: 100 } }\n';

const filesOf = (records: number): Record<string, string> => askFiles(records, MODELS);

const calls = (): number => fake.stats().calls;

/** What the run has written so far, as a CSV file and back. */
async function exportSoFar(id: string): Promise<{ n: number }[]> {
  const description = JSON.parse(await readFile(join(engine.store.location, `runs/${id}/run.json`), 'utf8')) as RunDescription;
  const path = join(engine.folder, 'so-far.csv');
  const { rows } = await exportRun(engine.store, { description, output: { path, format: 'csv' } });
  const [, ...lines] = (await readFile(path, 'utf8')).trimEnd().split('\n');
  assert.equal(lines.length, rows);
  return lines.map((line) => ({ n: Number(line.split(',')[0]) }));
}

test('a paused run makes no calls until it is resumed, shows what it has, and loses none', async () => {
  const before = calls();
  const { id, result } = await startTask(engine, { yaml: ASK_YAML, files: filesOf(200), input: { concurrency: 4, batchSize: 10 } });
  const handle = engine.client.workflow.getHandle(id);
  await until(() => calls() - before > 60);
  slowDown();
  const progress = await handle.executeUpdate<RunProgress, [object]>('pause', { args: [{ by: 'ann', reason: 'lunch' }] });
  assert.equal(progress.status, 'paused');
  assert.equal(progress.pause?.message, 'paused by ann: lunch');
  const paused = await quiet(fake);
  assert.ok(paused - before < 200, `${paused - before} calls`);
  const soFar = await exportSoFar(id);
  assert.ok(soFar.every(({ n }, index) => index === 0 || n > (soFar[index - 1]?.n ?? 0)), 'in input order');
  assert.ok(soFar.length > 0 && soFar.length < 200, `${soFar.length} rows so far`);
  const { raw } = await handle.describe();
  assert.equal(raw.pendingActivities?.length ?? 0, 0);
  speedUp();
  await handle.executeUpdate('resume');
  const { summary, rows } = await readTask(id, await result);
  assert.equal(summary.status, 'done');
  assert.equal(calls() - before, 200);
  assert.deepEqual(rows.map(({ n }) => n), Array.from({ length: 200 }, (_, n) => n));
});

test('a run that a fault has paused is paused by hand all the same: its other models are asked no more', async () => {
  const yaml = ASK_YAML.replace('  edges:', '    doubt: { node_type: llm, model: { name: doubter }, prompt: [{ user: "Doubt {n}" }], output_keys: doubt }\n  edges:').replace('{ from: START, to: ask }', '{ from: START, to: [ask, doubt] }\n    - { from: doubt, to: END }');
  // Leaves the other one a place.
  const models = `${MODELS.replace(' }\n', ', max_concurrency: 3 }\n')}doubter: { model_type: openai, model: doubter }\n`;
  fake.control({ rules: [{ match: '^Doubt', behaviour: 401 }] });
  slowDown();
  const before = calls();
  const { id, result } = await startTask(engine, { yaml, files: { ...filesOf(200), 'models.yaml': models }, input: { concurrency: 4, batchSize: 50 } });
  const handle = engine.client.workflow.getHandle(id);
  await until(async () => (await handle.query<RunProgress>('progress')).pause?.code === 'MODEL_MISCONFIGURED');
  const progress = await handle.executeUpdate<RunProgress, [object]>('pause', { args: [{ by: 'ann' }] });
  assert.equal(progress.pause?.code, 'PAUSED');
  const paused = await quiet(fake);
  assert.ok(paused - before < 200, `${paused - before} calls`);
  fake.control({ rules: [] });
  speedUp();
  await handle.cancel();
  await assert.rejects(result);
});

test('a run that is paused by a signal before it begins starts no call', async () => {
  slowDown();
  const before = calls();
  const { id, result } = await startTask(engine, { yaml: ASK_YAML, files: filesOf(20), input: { concurrency: 4, batchSize: 10 } });
  const handle = engine.client.workflow.getHandle(id);
  await handle.signal('pause');
  await until(async () => (await handle.query<RunProgress>('progress')).status === 'paused');
  const paused = await quiet(fake);
  assert.ok(paused - before < 20);
  speedUp();
  await handle.signal('proceed');
  assert.equal((await result).status, 'done');
  assert.equal(calls() - before, 20);
});

test('limits of a model are changed while the run goes, and shown', async () => {
  const { id, result } = await startTask(engine, { yaml: ASK_YAML, files: filesOf(600), input: { concurrency: 40, batchSize: 40 } });
  const handle = engine.client.workflow.getHandle(id);
  const before = calls();
  await until(() => calls() - before > 100);
  slowDown();
  const control = await handle.executeUpdate<RunControl, [object]>('set', { args: [{ model: 'writer', concurrency: 2 }] });
  assert.deepEqual(control, { models: { writer: { concurrency: 2 } } });
  await until(() => fake.stats().inFlight <= 2 && fake.stats().inFlight > 0);
  assert.ok(calls() - before < 600);
  assert.deepEqual((await handle.query<RunProgress>('progress')).control, control);
  speedUp();
  await handle.executeUpdate('set', { args: [{ model: 'writer', concurrency: null }] });
  assert.equal((await result).status, 'done');
});

test('a change that makes no sense is refused with what is allowed', async () => {
  slowDown();
  const { id, result } = await startTask(engine, { yaml: ASK_YAML, files: filesOf(40), input: { concurrency: 2, batchSize: 10 } });
  const handle = engine.client.workflow.getHandle(id);
  const refused = async (change: object, expected: RegExp): Promise<void> => {
    await assert.rejects(handle.executeUpdate('set', { args: [change] }), (error: Error) => {
      const causes: string[] = [];
      for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) causes.push(cause.message);
      assert.match(causes.join('\n'), expected);
      return true;
    });
  };
  await refused({ model: 'poet', concurrency: 2 }, /no model "poet"/);
  await refused({ model: 'writer', concurrency: 0 }, /concurrency cannot be 0/);
  await refused({ requestsPerMinute: 10 }, /no limit of the whole run/);
  await refused({}, /nothing is to be changed/);
  await refused({ deadline: 'soon' }, /no deadline/);
  await handle.cancel();
  await assert.rejects(result);
});

for (const [cap, code] of [[{ maxTokensTotal: 300 }, 'TOKENS_REACHED'], [{ budget: 0.03 }, 'BUDGET_REACHED']] as const) {
  test(`a run stops at ${Object.keys(cap)[0]}, with its finished records written, and goes on with a larger one`, async () => {
    fake.control({ latencyMilliseconds: 200 });
    const before = calls();
    const { id, result } = await startTask(engine, { yaml: ASK_YAML, files: filesOf(100), input: { concurrency: 4, batchSize: 10, ...cap } });
    const { summary, rows } = await readTask(id, await result);
    assert.equal(summary.status, 'capped');
    assert.equal(summary.stop?.code, code);
    assert.ok(rows.length > 0 && rows.length < 100, `${rows.length} rows`);
    assert.equal(rows.length, calls() - before);
    assert.equal(summary.counts.total, 100);
    assert.equal(summary.counts.written + summary.counts.cancelled, 100);
    const folder = join(engine.store.location, `runs/${id}`);
    const { reference } = JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')) as { reference: { planHash: string } };
    const raised = Object.fromEntries(Object.entries(cap).map(([key, value]) => [key, value * 1000]));
    speedUp();
    const again = (await engine.client.workflow.execute(WORKFLOW_TYPES.run, {
      workflowId: id, taskQueue: TASK_QUEUE, args: [{ planHash: reference.planHash, resume: true, ...raised }],
    })) as RunSummary;
    assert.equal(again.status, 'done');
    assert.equal(again.stop, undefined);
    assert.equal(again.counts.written, 100);
    assert.equal(calls() - before, 100);
    const live = JSON.parse(await readFile(join(folder, 'live/test.json'), 'utf8')) as LiveCounters;
    assert.ok((live.nodes.ask?.replayed ?? 0) > 0, 'answers are taken from the journal');
    const figures = ({ calls: made, promptTokens, completionTokens, cost }: NodeStatistics): object => ({ made, promptTokens, completionTokens, cost: Math.round((cost ?? 0) * 1e6) });
    assert.deepEqual(figures(live.nodes.ask!), figures(again.nodes.ask!), 'and shown as paid for once');
  });
}

test('a run stops at its deadline, even while it is paused', async () => {
  const { id, result } = await startTask(engine, { yaml: ASK_YAML, files: filesOf(100), input: { concurrency: 2, batchSize: 10, deadline: '2s' } });
  const handle = engine.client.workflow.getHandle(id);
  await handle.signal('pause');
  const summary = await result;
  assert.equal(summary.status, 'capped');
  assert.equal(summary.stop?.code, 'DEADLINE_REACHED');
});

test('a budget without a price is refused', async () => {
  const { result } = await startTask(engine, {
    yaml: ASK_YAML,
    files: { ...filesOf(5), 'models.yaml': 'writer: { model_type: openai, model: nobody-knows-it }\n' },
    input: { budget: 1 },
  });
  await assert.rejects(result, (error: Error) => /price of every model; unknown is that of writer/.test(String((error.cause as Error | undefined)?.cause ?? error.cause)));
});
