import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { workflowFailure } from '../../../cli/runs/workflow-failure.ts';
import type { FakeModelScript } from '../../../fake-model/script.ts';
import { startFakeModel, type FakeModelServer } from '../../../fake-model/start-fake-model.ts';
import { TASK_QUEUE, WORKFLOW_TYPES, type PipelineInput, type RetryRequest, type RunSummary } from '../../../pipeline/run-contract.ts';
import { findTemporalCli } from '../../../worker/server/find-temporal-cli.ts';
import { startEngine, type Engine } from '../../support/engine.ts';

let model: FakeModelServer;
let engine: Engine;
let number = 0;

/** Records whose prompt begins with `Say` and ends in one of these numbers are refused. */
const REFUSED = [3, 17, 18, 39];
const SCRIPT: FakeModelScript = { rules: [{ match: `^Say text (${REFUSED.join('|')})$`, behaviour: 400 }] };

before(async () => {
  model = await startFakeModel();
  model.control(SCRIPT);
  engine = await startEngine({ SYGRA_WRITER_URL: model.url, SYGRA_WRITER_TOKEN: 'key' });
});
after(async () => {
  await engine.close();
  await model.close();
});

const GRAPH = (prompt: string, { sinks = '', draft = 'Draft {text} in {tone}', source = '  source: { type: disk, file_path: input.jsonl }\n', output = '' } = {}): string => `data_config:
${source}${sinks}graph_config:
  nodes:
    tone: { node_type: weighted_sampler, attributes: { tone: { values: [calm, loud, sad] } } }
    draft: { node_type: llm, model: { name: writer }, prompt: [{ user: "${draft}" }], output_keys: draft }
    say: { node_type: llm, model: { name: writer }, prompt: [{ user: "${prompt}" }], output_keys: said }
  edges:
    - { from: START, to: tone }
    - { from: tone, to: draft }
    - { from: draft, to: say }
    - { from: say, to: END }
${output}`;

interface Task {
  name: string;
  folder: string;
}

async function writeTask({ graph, records = 40, files = {} }: { graph: string; records?: number; files?: Record<string, string> }): Promise<Task> {
  const name = `task-${number++}`;
  const folder = join(engine.folder, name);
  await mkdir(folder);
  await writeFile(join(folder, 'graph_config.yaml'), graph);
  await writeFile(join(folder, 'models.yaml'), 'writer: { model_type: openai, model: fake }\n');
  await writeFile(join(folder, 'input.jsonl'), Array.from({ length: records }, (_, id) => `${JSON.stringify({ n: id, text: `text ${id}` })}\n`).join(''));
  for (const [path, content] of Object.entries(files)) await writeFile(join(folder, path), content);
  return { name, folder };
}

async function execute(workflowId: string, input: PipelineInput): Promise<RunSummary> {
  try {
    return (await engine.client.workflow.execute(WORKFLOW_TYPES.run, { workflowId, taskQueue: TASK_QUEUE, args: [input] })) as RunSummary;
  } catch (error) {
    throw workflowFailure(error);
  }
}

async function run(task: Task, input: PipelineInput = {}): Promise<RunSummary> {
  return execute(`${task.name}/run`, { task: task.name, output: join(task.folder, 'out.jsonl'), batchSize: 10, ...input });
}

function retry(task: Task, { attempt = 1, request = {}, input = {} }: { attempt?: number; request?: Partial<RetryRequest>; input?: PipelineInput } = {}): Promise<RunSummary> {
  return execute(`${task.name}/run~retry-${attempt}`, { retry: { pipeline: task.name, run: 'run', ...request }, ...input });
}

async function lines<Line = Record<string, unknown>>(path: string | null): Promise<Line[]> {
  if (path === null) return [];
  return (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Line);
}

const callsOf = async <Result>(work: () => Promise<Result>): Promise<{ result: Result; calls: number }> => {
  const before = model.stats().calls;
  const result = await work();
  return { result, calls: model.stats().calls - before };
};

const summaryOf = async (task: Task): Promise<RunSummary> => JSON.parse((await engine.store.read(`runs/${task.name}/run/summary.json`))?.toString() ?? 'null') as RunSummary;

test('a mended pipeline calls the failed records alone again, and their rows come to their places', async () => {
  const task = await writeTask({ graph: GRAPH('Say {text}') });
  const first = await run(task);
  assert.deepEqual([first.counts.written, first.counts.failed], [36, 4]);
  const before = await lines(first.output);
  await writeFile(join(task.folder, 'mended.yaml'), GRAPH('Please say {text}'));
  const { result: own, calls } = await callsOf(() => retry(task, { input: { task: `${task.name}/mended.yaml` } }));
  assert.equal(calls, REFUSED.length, 'drafts are taken from the journal');
  assert.equal(own.status, 'done');
  assert.deepEqual(own.counts, { written: 4, failed: 0, filtered: 0, spawned: 0, cancelled: 0, rows: 4, total: 4 });
  const rows = await lines(first.output);
  assert.deepEqual(rows.map(({ n }) => n), Array.from({ length: 40 }, (_, n) => n));
  assert.deepEqual(rows.filter(({ n }) => !REFUSED.includes(Number(n))), before);
  const summary = await summaryOf(task);
  assert.equal(summary.status, 'done');
  assert.deepEqual(summary.counts, { written: 40, failed: 0, filtered: 0, spawned: 0, cancelled: 0, rows: 40, total: 40 });
  assert.equal(summary.failedRecords, null);
  assert.equal(summary.nodes['draft']?.calls, 40);
  assert.equal(summary.nodes['say']?.calls, 40);
  assert.deepEqual(summary.retries?.map((one) => [one.run, one.counts.written, one.calls]), [['run~retry-1', 4, 4]]);
});

/** Runs the `temporal` command line against the engine's server. */
async function temporal(...words: string[]): Promise<string> {
  const cli = await findTemporalCli({ environment: process.env, onProgress: () => undefined });
  const { stdout } = await promisify(execFile)(cli, [...words, '--address', engine.address]);
  return stdout;
}

test('records that are reset in Temporal are tried again together, and brought into the output', async () => {
  const task = await writeTask({ graph: GRAPH('Say {text}'), records: 20 });
  const first = await run(task);
  assert.equal(first.counts.failed, 3);
  const ids = (await lines(first.failedRecords)).map(({ id }) => String(id));
  model.control({ rules: [{ match: '^Say text 17$', behaviour: 400 }] });
  try {
    for (const id of ids) await temporal('workflow', 'reset', '--workflow-id', `${task.name}/run/record/${id}`, '--type', 'LastWorkflowTask', '--reason', 'the endpoint was mended');
    const ends = await Promise.allSettled(ids.map((id) => engine.client.workflow.getHandle(`${task.name}/run/record/${id}`).result()));
    assert.deepEqual(ends.map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled']);
    const summary = await summaryOf(task);
    assert.deepEqual(summary.retries?.map(({ counts }) => [counts.written, counts.failed]), [[2, 1]]);
    assert.equal((await lines(first.output)).length, 19);
    // Once more, from the very beginning of the workflow.
    model.control({ rules: [] });
    await temporal('workflow', 'reset', '--workflow-id', `${task.name}/run/record/${ids[1] ?? ''}`, '--type', 'FirstWorkflowTask', '--reason', 'the endpoint was mended');
    await engine.client.workflow.getHandle(`${task.name}/run/record/${ids[1] ?? ''}`).result();
    assert.deepEqual((await lines(first.output)).map(({ n }) => n), Array.from({ length: 20 }, (_, n) => n));
    assert.equal((await summaryOf(task)).status, 'done');
  } finally {
    model.control(SCRIPT);
  }
});

/** Resets the workflow of a failed record; how that ends then. */
async function resetRecord(task: Task, id: string): Promise<string> {
  const workflowId = `${task.name}/run/record/${id}`;
  await temporal('workflow', 'reset', '--workflow-id', workflowId, '--type', 'LastWorkflowTask', '--reason', 'the endpoint was mended');
  return engine.client.workflow.getHandle(workflowId).result().then(() => 'done', (error: unknown) => String((error as Error).cause));
}

test('a record that is reset is told which retry is gone, instead of waiting for it, and the output stays whole', async () => {
  const task = await writeTask({ graph: GRAPH('Say {text}'), records: 20 });
  const first = await run(task);
  const failed = await lines(first.failedRecords);
  try {
    model.control({ rules: [{ match: '^Say text 17$', behaviour: 400 }] });
    assert.equal((await retry(task)).counts.written, 2);
    model.control({ rules: [] });
    await engine.store.removeFolder(`runs/${task.name}/run~retry-1`);
    const told = /the retry .*run~retry-1 has ended, but runs\/.* is gone from .*: without it.*would be lost.*bring that folder back/;
    assert.match(await resetRecord(task, String(failed.at(1)?.id)), told);
    assert.match(await refused(retry(task, { attempt: 2 })), told);
    assert.equal((await lines(first.output)).length, 19);
  } finally {
    model.control(SCRIPT);
  }
});

test('a record that is reset is told that a retry was stopped before its end', async () => {
  const task = await writeTask({ graph: GRAPH('Say {text}'), records: 20 });
  const failed = await lines((await run(task)).failedRecords);
  model.control({ rules: [{ match: '^Say', behaviour: 'hang' }] });
  try {
    const handle = await engine.client.workflow.start(WORKFLOW_TYPES.run, { workflowId: `${task.name}/run~retry-1`, taskQueue: TASK_QUEUE, args: [{ retry: { pipeline: task.name, run: 'run' } }] });
    while ((await engine.store.read(`runs/${task.name}/run~retry-1/run.json`)) === null) await new Promise((resolve) => setTimeout(resolve, 20));
    await handle.terminate();
  } finally {
    model.control(SCRIPT);
  }
  assert.match(await resetRecord(task, String(failed.at(1)?.id)), /the retry .*run~retry-1 was stopped before its end.*syngraph run .* --resume run~retry-1/);
});

const FUNCTIONS = `
let calls = 0;
export const stamp = (config, state) => ({ stamp: ++calls });
export const both = (config, state) => ({});
export class Rows { generate(state) { if (state.n % 5 === 1) throw new Error('not ' + state.n); return { n: state.n, stamp: state.stamp, said: state.said }; } }
export class Mended { generate(state) { return { n: state.n, stamp: state.stamp, said: state.said }; } }
`;

const STAMPED = (prompt: string, generator: string): string => `data_config:
  source: { type: disk, file_path: input.jsonl }
graph_config:
  nodes:
    stamp: { node_type: lambda, lambda: './functions.ts#stamp', output_keys: [stamp] }
    say: { node_type: llm, model: { name: writer }, prompt: [{ user: "${prompt}" }], output_keys: said }
  edges:
    - { from: START, to: stamp }
    - { from: stamp, to: say }
    - { from: say, to: END }
output_config: { generator: './functions.ts#${generator}' }
`;

test('records begin again at the node that they failed in, or behind the last one, with the state that they had', async () => {
  const task = await writeTask({ graph: STAMPED('Say {text}', 'Rows'), records: 20, files: { 'functions.ts': FUNCTIONS, 'mended.yaml': STAMPED('Please say {text}', 'Mended') } });
  const first = await run(task);
  const failed = await lines<{ ordinal: number; node: string; state: { stamp: number } }>(first.failedRecords);
  assert.deepEqual(failed.map(({ ordinal, node }) => [ordinal, node]), [[1, 'output'], [3, 'say'], [6, 'output'], [11, 'output'], [16, 'output'], [17, 'say'], [18, 'say']]);
  const mended = { task: `${task.name}/mended.yaml` };
  const { result: own, calls } = await callsOf(() => retry(task, { request: { from: 'node' }, input: mended }));
  assert.equal(own.counts.written, 7);
  assert.equal(calls, 3, 'only what failed in the model is asked');
  const rows = await lines<{ n: number; stamp: number; said: string }>(first.output);
  assert.deepEqual(rows.map(({ n }) => n), Array.from({ length: 20 }, (_, n) => n));
  for (const { ordinal, state } of failed) assert.equal(rows[ordinal]?.stamp, state.stamp);
  assert.match(rows[3]?.said ?? '', /Please say text 3/);
  assert.match(rows[1]?.said ?? '', /^Say text 1/);
});

const SINKS = `  sink:
    - { type: json, file_path: out.json }
    - { type: csv, file_path: out.csv }
    - { type: parquet, file_path: out.parquet }
`;

test('after retries every sink of a data-less run is what a run without failures writes, byte by byte', async () => {
  const graph = (folder: string): string => GRAPH('Say text {id}', { source: '', draft: 'Draft {id}', sinks: SINKS.replaceAll('file_path: ', `file_path: ${folder}/`), output: 'output_config: { output_map: { id: { from: id }, tone: { from: tone }, said: { from: said } } }\n' });
  const tasks = [await writeTask({ graph: graph(join(engine.folder, 'well')) }), await writeTask({ graph: graph(join(engine.folder, 'ill')) })] as const;
  const input = { numRecords: 25, batchSize: 6, startIndex: 2 };
  const start = (task: Task): Promise<RunSummary> => execute(`${task.name}/run`, { task: task.name, ...input });
  try {
    model.control({ rules: [] });
    assert.equal((await start(tasks[0])).counts.written, 25);
    model.control(SCRIPT);
    assert.equal((await start(tasks[1])).counts.failed, 3);
    // The first retry mends one of them, the second one the rest.
    model.control({ rules: [{ match: '^Say text (17|18)$', behaviour: 400 }] });
    assert.deepEqual([(await retry(tasks[1], { input: { batchSize: 1 } })).counts.failed], [2]);
    model.control({ rules: [] });
    assert.deepEqual((await retry(tasks[1], { attempt: 2 })).retryOf?.counts.failed, 0);
  } finally {
    model.control(SCRIPT);
  }
  for (const file of ['out.json', 'out.csv', 'out.parquet']) {
    assert.deepEqual(await readFile(join(engine.folder, 'ill', file)), await readFile(join(engine.folder, 'well', file)), file);
  }
});

test('a run whose output is tagged has it tagged anew', async () => {
  const task = await writeTask({ graph: GRAPH('Say {text}', { output: 'output_config: { output_map: { prompt: { from: text }, response: { from: said } } }\n' }), records: 20 });
  const first = await run(task, { quality: true });
  assert.deepEqual([first.counts.failed, first.quality?.counts?.total], [3, 17]);
  const own = await retry(task, { input: { task: `${(await mended(task)).name}/mended.yaml` } });
  assert.deepEqual([own.counts.written, own.quality?.counts?.total], [3, 20]);
  assert.equal(own.quality?.output, first.quality?.output);
});

/** Writes the mended pipeline beside that of a task. */
async function mended(task: Task): Promise<Task> {
  const graph = await readFile(join(task.folder, 'graph_config.yaml'), 'utf8');
  await writeFile(join(task.folder, 'mended.yaml'), graph.replace('"Say', '"Please say'));
  return task;
}

test('a retry that is cancelled has brought what it had finished into the output, and the next one does the rest', async () => {
  const task = await writeTask({ graph: GRAPH('Say {text}') });
  const first = await run(task);
  const options = { workflowId: `${task.name}/run~retry-1`, taskQueue: TASK_QUEUE, args: [{ retry: { pipeline: task.name, run: 'run' }, batchSize: 1 }] };
  try {
    model.control({ rules: [{ match: '^Say text 3$' }, { match: '^Say', behaviour: 'hang' }] });
    const handle = await engine.client.workflow.start(WORKFLOW_TYPES.run, options);
    while ((await engine.store.list(`runs/${task.name}/run~retry-1/parts/00000`)).length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.match(await refused(retry(task, { attempt: 2 })), /the retry .*run~retry-1 has not ended/);
    await handle.cancel();
    await assert.rejects(handle.result());
    const { status, counts } = await summaryOf(task);
    assert.deepEqual([status, counts.written, counts.failed], ['failed_records', 37, 3]);
    assert.equal((await lines(first.output)).length, 37);
    model.control({ rules: [] });
    assert.equal((await retry(task, { attempt: 2 })).counts.written, 3);
    const { reference } = JSON.parse((await engine.store.read(`runs/${task.name}/run/run.json`))?.toString() ?? '') as { reference: { planHash: string } };
    assert.match(await refused(execute(`${task.name}/run~retry-1`, { planHash: reference.planHash, retry: { pipeline: task.name, run: 'run' }, resume: true })), /is tried again by run~retry-2/);
    assert.deepEqual((await lines(first.output)).map(({ n }) => n), Array.from({ length: 40 }, (_, n) => n));
    assert.equal((await summaryOf(task)).status, 'done');
  } finally {
    model.control(SCRIPT);
  }
});

test('a retry that is gone on with has not ended: no other one tries its records beside it', async () => {
  const task = await writeTask({ graph: GRAPH('Say {text}') });
  await run(task);
  try {
    model.control({ rules: [] });
    assert.equal((await retry(task, { input: { maxTokensTotal: 1, concurrency: 1, batchSize: 1 } })).status, 'capped');
    model.control({ rules: [], latencyMilliseconds: 1_500 });
    const { calls } = await callsOf(async () => {
      const waiting = engine.client.workflow.start(WORKFLOW_TYPES.run, { workflowId: `${task.name}/run~retry-1`, taskQueue: TASK_QUEUE, args: [{ retry: { pipeline: task.name, run: 'run' }, resume: true, maxTokensTotal: null }] });
      while (model.stats().inFlight === 0) await new Promise((resolve) => setTimeout(resolve, 50));
      assert.match(await refused(retry(task, { attempt: 2 })), /the retry .*run~retry-1 has not ended/);
      await (await waiting).result();
    });
    assert.ok(calls <= REFUSED.length, `${calls} calls`);
    const { status, counts, retries } = await summaryOf(task);
    assert.deepEqual([status, counts.written, retries?.length], ['done', 40, 1]);
  } finally {
    model.control({ ...SCRIPT, latencyMilliseconds: 0 });
  }
});

test('says that the store has been cleaned up', async () => {
  const task = await writeTask({ graph: GRAPH('Say {text}') });
  const { output } = await run(task);
  for (const key of await engine.store.list(`runs/${task.name}/run/source`)) await engine.store.remove(key);
  assert.match(await refused(retry(task)), /has the source and the results of .* no more/);
  assert.equal((await lines(output)).length, 36);
});

async function refused(work: Promise<unknown>): Promise<string> {
  return work.then(() => assert.fail('it was not refused'), (error: unknown) => (error as Error).message);
}

test('refuses what cannot be right: records that depend on others, branches that are lost, a run that is not there', async () => {
  const set = await writeTask({ graph: GRAPH('Say {text}').replace('  edges:', '    rest: { node_type: deduplicate, field: text, method: exact }\n  edges:').replace('{ from: say, to: END }', '{ from: say, to: rest }\n    - { from: rest, to: END }') });
  await run(set);
  assert.match(await refused(retry(set)), /cannot be tried again by themselves: rest compares records with each other/);
  const parallel = await writeTask({ graph: GRAPH('Say {text}').replace('{ from: START, to: tone }', '{ from: START, to: [tone, draft] }').replace('    - { from: tone, to: draft }\n', '    - { from: tone, to: END }\n').replace(' in {tone}', '') });
  await run(parallel);
  assert.match(await refused(retry(parallel, { request: { from: 'node' } })), /several branches at once behind START/);
  assert.match(await refused(retry(parallel, { request: { node: 'draft' } })), /no failed record of .* is like that/);
  const split = await writeTask({
    graph: GRAPH('Say {text}').replace('    say:', "    parts: { node_type: lambda, lambda: './functions.ts#parts', output_keys: [text], rows: true }\n    say:").replace('{ from: draft, to: say }', '{ from: draft, to: parts }\n    - { from: parts, to: say }'),
    files: { 'functions.ts': "export const parts = (config, state) => [{ text: state.text }, { text: 'more of ' + state.text }];\n", 'mended.yaml': GRAPH('Please say {text}') },
  });
  assert.equal((await run(split)).counts.failed, REFUSED.length);
  assert.match(await refused(retry(split, { input: { task: `${split.name}/mended.yaml` } })), /cannot be tried again by themselves: parts makes several records of one/);
  assert.match(await refused(retry({ name: 'nobody', folder: '' })), /has no run nobody\/run/);
  assert.equal((await retry(parallel)).counts.failed, REFUSED.length, 'from the start it can be');
});

test('a failed record’s workflow shows it readably: clipped, with the file that has the rest, and without secrets', async () => {
  const task = await writeTask({ graph: GRAPH('Say {text}').replace('Draft {text}', 'Draft {text} {long} by https://help.example/?api_key=planted-1234'), records: 0 });
  await writeFile(join(task.folder, 'input.jsonl'), `${JSON.stringify({ n: 0, text: 'text 3', token: 'sk-planted-5678', long: 'word '.repeat(1_000) })}\n`);
  const { failedRecords } = await run(task);
  const [failed] = await lines<{ id: string }>(failedRecords);
  const workflowId = `${task.name}/run/record/${failed?.id ?? ''}`;
  const handle = engine.client.workflow.getHandle(workflowId);
  await handle.result().catch(() => undefined);
  const { currentDetails } = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
  assert.match(currentDetails, /^\*\*MODEL_REJECTED\*\* in node `say` after 1 attempt: /);
  for (const part of ['### input', '### state before the node', '### prompt\n```\n[user]\nSay text 3\n```', `whole in \`${failedRecords ?? ''}\``]) assert.ok(currentDetails.includes(part), part);
  assert.match(currentDetails, /… \(\d+ characters; whole in /);
  const histories = [workflowId, `${task.name}/run/batch/00000`, `${task.name}/run/range/00000`, `${task.name}/run`].map(async (id) => textsIn(await engine.client.workflow.getHandle(id).fetchHistory()));
  assert.doesNotMatch([currentDetails, await readFile(failedRecords ?? '', 'utf8'), ...(await Promise.all(histories))].join('\n'), /planted/);
});

/** Every payload in a history, as text. */
function textsIn(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.values(value).map(textsIn).join(' ');
}
