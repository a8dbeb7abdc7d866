import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startFakeModel, type FakeModelServer } from '../../fake-model/start-fake-model.ts';
import type { PipelineInput, RunProgress, RunSummary } from '../../pipeline/run-contract.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { readTask, runTask, startTask, type FinishedTask, type StartedTask, type TaskFiles } from '../support/run-task.ts';
import { until } from '../support/until.ts';

let model: FakeModelServer;
let engine: Engine;

before(async () => {
  model = await startFakeModel();
  engine = await startEngine({ SYGRA_WRITER_URL: model.url, SYGRA_WRITER_TOKEN: 'key' });
});
after(async () => {
  await engine.close();
  await model.close();
});

const FUNCTIONS = `
export const shout = (config, state) => ({ shouted: state.text.toUpperCase() });
export const odd = (config, state) => { if (state.id % 2 === 1) throw new Error('odd ' + state.id); return { even: true }; };
export const spin = (config, state) => { if (state.id === 3) for (;;); return { ok: true }; };
export const again = (state) => ((state.messages ?? []).length < 3 ? 'again' : 'done');
export const never = () => { throw new Error('never works'); };
export const nowhere = () => 'elsewhere';
export const left = (config, state) => ({ messages: [...(state.messages ?? []), { role: 'user', content: 'left' }] });
export const right = (config, state) => ({ messages: [...(state.messages ?? []), { role: 'user', content: 'right' }] });
export class Rows {
  generate(state) { return state.id % 3 === 0 ? null : Array.from({ length: state.id }, (_, copy) => ({ id: state.id, copy })); }
}
`;

const LLM = (prompt: string, more = ''): string =>
  `    ask: { node_type: llm, model: { name: writer }, prompt: [{ user: ${JSON.stringify(prompt)} }], output_keys: answer${more} }\n`;

interface Task {
  nodes: string;
  edges: string;
  output?: string;
  records?: number;
  /** A line that is no JSON. */
  badLine?: number;
  onBadRecord?: string;
  input?: PipelineInput;
}

/** A task with `records` records `{id, text}`. */
function filesOf({ nodes, edges, output = '', records = 10, badLine = -1, onBadRecord = 'stop', input = {} }: Task): TaskFiles {
  const source = `  source: { type: disk, file_path: input.jsonl, on_bad_record: ${onBadRecord} }\n`;
  return {
    yaml: `data_config:\n${source}graph_config:\n  nodes:\n${nodes}  edges:\n${edges}${output}`,
    files: {
      'functions.ts': FUNCTIONS,
      'models.yaml': 'writer: { model_type: openai, model: fake }\nnobody: { model_type: openai, model: fake }\n',
      'input.jsonl': Array.from({ length: records }, (_, id) => (id === badLine ? '{"id": 1,\n' : `${JSON.stringify({ id, text: `text ${id}` })}\n`)).join(''),
    },
    input,
  };
}

const start = (task: Task): Promise<StartedTask> => startTask(engine, filesOf(task));
const run = (task: Task): Promise<FinishedTask> => runTask(engine, filesOf(task));

const edge = (...nodes: string[]): string =>
  nodes.slice(1).map((to, index) => `    - { from: ${nodes[index] ?? ''}, to: ${to} }\n`).join('');

test('takes every record through a lambda and a model, in input order', async () => {
  const { summary, rows } = await run({
    nodes: `    shout: { node_type: lambda, lambda: './functions.ts#shout', output_keys: [shouted] }\n${LLM('Say {shouted}')}`,
    edges: edge('START', 'shout', 'ask', 'END'),
    records: 43,
    input: { batchSize: 10 },
  });
  assert.equal(summary.status, 'done');
  assert.deepEqual(rows.map((row) => row['id']), Array.from({ length: 43 }, (_, id) => id));
  assert.ok(rows.every((row) => String(row['answer']).includes(`Say TEXT ${String(row['id'])}`)));
  assert.deepEqual(summary.counts, { written: 43, failed: 0, filtered: 0, spawned: 0, cancelled: 0, rows: 43, total: 43 });
  assert.equal(summary.nodes['ask']?.calls, 43);
});

test('gives the same bytes whatever the batch size', async () => {
  const sampler = '    tone: { node_type: weighted_sampler, attributes: { tone: { values: [a, b, c], weights: [1, 2, 3] } } }\n';
  const outputs = await Promise.all(
    [1, 7, 200].map(async (batchSize) => {
      const { summary } = await run({ nodes: `${sampler}${LLM('In {tone}: {text}')}`, edges: edge('START', 'tone', 'ask', 'END'), records: 20, input: { batchSize } });
      return readFile(summary.output ?? '', 'utf8');
    }),
  );
  assert.equal(outputs[1], outputs[0]);
  assert.equal(outputs[2], outputs[0]);
});

test('a user function that throws fails its record alone, named with its node', async () => {
  const { summary, rows, failed } = await run({ nodes: `    odd: { node_type: lambda, lambda: './functions.ts#odd', output_keys: [even] }\n`, edges: edge('START', 'odd', 'END') });
  assert.equal(summary.status, 'failed_records');
  assert.deepEqual(rows.map((row) => row['id']), [0, 2, 4, 6, 8]);
  assert.equal(failed.length, 5);
  assert.ok(failed.every((record) => record.node === 'odd' && record.code === 'FUNCTION_FAILED' && /odd \d/.test(record.message)));
});

test('shows failed records as failed workflows with search attributes', async () => {
  const { id, result } = await start({ nodes: `    odd: { node_type: lambda, lambda: './functions.ts#odd', output_keys: [even] }\n`, edges: edge('START', 'odd', 'END'), records: 4 });
  await result;
  // Visibility comes a moment later.
  const found = await until(async () => {
    const found: string[] = [];
    const query = `WorkflowId STARTS_WITH '${id}/record/' AND ExecutionStatus = 'Failed' AND SyngraphError = 'FUNCTION_FAILED' AND SyngraphNode = 'odd'`;
    for await (const execution of engine.client.workflow.list({ query })) found.push(execution.type);
    return found.length >= 2 && found;
  });
  assert.deepEqual(found, ['record', 'record']);
});

test('loops until the condition ends it, appending messages', async () => {
  const { rows } = await run({
    nodes: LLM('Go on: {text}').replace('output_keys: answer', 'output_keys: messages'),
    edges: `${edge('START', 'ask')}    - { from: ask, condition: './functions.ts#again', path_map: { again: ask, done: END } }\n`,
    records: 3,
  });
  assert.deepEqual(rows.map((row) => (row['messages'] as unknown[]).length), [3, 3, 3]);
});

test('joins parallel branches with their messages in plan order', async () => {
  const { rows } = await run({
    nodes: `    left: { node_type: lambda, lambda: './functions.ts#left', output_keys: [messages] }\n    right: { node_type: lambda, lambda: './functions.ts#right', output_keys: [messages] }\n`,
    edges: `${edge('START', 'right', 'END')}${edge('START', 'left', 'END')}`,
    records: 3,
  });
  assert.deepEqual(rows.map((row) => (row['messages'] as { content: string }[]).map((message) => message.content)), Array(3).fill(['left', 'right']));
});

test('a condition that answers something unknown fails the record and says what is allowed', async () => {
  const { failed } = await run({
    nodes: `    shout: { node_type: lambda, lambda: './functions.ts#shout', output_keys: [shouted] }\n`,
    edges: `${edge('START', 'shout')}    - { from: shout, condition: './functions.ts#nowhere', path_map: { here: END } }\n`,
    records: 1,
  });
  assert.match(failed[0]?.message ?? '', /nowhere answered "elsewhere"; its path_map has "here"/);
});

test('a record may make several rows, or none', async () => {
  const { summary, rows } = await run({
    nodes: `    shout: { node_type: lambda, lambda: './functions.ts#shout', output_keys: [shouted] }\n`,
    edges: edge('START', 'shout', 'END'),
    output: `output_config: { generator: './functions.ts#Rows' }\n`,
    records: 5,
  });
  assert.deepEqual(rows.map((row) => row['id']), [1, 2, 2, 4, 4, 4, 4]);
  assert.deepEqual([summary.counts.written, summary.counts.filtered, summary.counts.rows], [3, 2, 7]);
});

test('keeps rows that break the schema out of the output, and names the rule', async () => {
  const { rows, failed } = await run({
    nodes: `    shout: { node_type: lambda, lambda: './functions.ts#shout', output_keys: [shouted] }\n`,
    edges: edge('START', 'shout', 'END'),
    output: `output_config: { output_map: { id: { from: id }, shouted: { from: shouted } } }\nschema_config: { fields: [{ name: id, type: int, is_less_than: 4 }] }\n`,
    records: 6,
  });
  assert.deepEqual(rows.map((row) => row['id']), [0, 1, 2, 3]);
  assert.deepEqual(failed.map((record) => record.code), ['OUTPUT_INVALID', 'OUTPUT_INVALID']);
  assert.match(failed[0]?.message ?? '', /4/);
});

test('fails truncated answers by default, and asks again in a new run instead of reusing them', async () => {
  const nodes = LLM('Cut this: {text}');
  model.control({ rules: [{ match: 'Cut this: text [01]$', behaviour: 'length' }] });
  const task = { nodes, edges: edge('START', 'ask', 'END'), records: 4 };
  const first = await start(task);
  const { failed, rows } = await readTask(first.id, await first.result);
  assert.deepEqual([rows.length, failed.map((record) => record.code)], [2, ['ANSWER_TRUNCATED', 'ANSWER_TRUNCATED']]);
  model.control({ rules: [] });
  const before = model.stats().calls;
  const name = first.id.split('/')[0] ?? '';
  const again = await engine.start(`${name}/again`, { task: name, output: join(engine.folder, name, 'again.jsonl') });
  assert.equal(again.status, 'done');
  assert.equal(model.stats().calls - before, 2);
  assert.equal(again.nodes['ask']?.reused, 2);
});

test('pauses at a wrong key without failing a record, and goes on by signal', async () => {
  model.control({ requireKey: 'another key' });
  const { id, result } = await start({ nodes: LLM('Locked: {text}'), edges: edge('START', 'ask', 'END') });
  const handle = engine.client.workflow.getHandle(id);
  const pause = await untilPaused(id);
  assert.equal(pause?.code, 'MODEL_MISCONFIGURED');
  assert.match(pause?.message ?? '', /401.*SYGRA_WRITER_TOKEN/s);
  model.control({ requireKey: null });
  await handle.signal('proceed');
  const summary = await result;
  assert.deepEqual([summary.status, summary.counts.written, summary.counts.failed], ['done', 10, 0]);
});

test('pauses when far too many of the last records fail, instead of failing the whole dataset', async () => {
  const { id, result } = await start({
    nodes: `    never: { node_type: lambda, lambda: './functions.ts#never', output_keys: [done] }\n`,
    edges: edge('START', 'never', 'END'),
    records: 450,
    input: { batchSize: 50 },
  });
  const pause = await untilPaused(id);
  assert.equal(pause?.code, 'FAILURE_SHARE');
  assert.match(pause?.message ?? '', /of the last 200 records failed; for example: .*never works/);
  await Promise.all([assert.rejects(result), engine.client.workflow.getHandle(id).terminate()]);
});

test('a bad row far down the source stops the run before its first call', async () => {
  const calls = model.stats().calls;
  const { result } = await start({ nodes: LLM('Never asked: {text}'), edges: edge('START', 'ask', 'END'), records: 450, badLine: 440, input: { batchSize: 1 } });
  await assert.rejects(result, (error: Error) => /input\.jsonl.*441/s.test(deepest(error)));
  assert.equal(model.stats().calls, calls);
});

test('a bad row fails alone where on_bad_record says skip', async () => {
  const { rows, failed } = await run({
    nodes: `    shout: { node_type: lambda, lambda: './functions.ts#shout', output_keys: [shouted] }\n`,
    edges: edge('START', 'shout', 'END'),
    badLine: 2,
    onBadRecord: 'skip',
    records: 4,
  });
  assert.deepEqual(rows.map((row) => row['id']), [0, 1, 3]);
  assert.deepEqual(failed.map((record) => [record.node, record.code]), [['source', 'SOURCE_INVALID']]);
});

test('a source that changes while its run is paused is refused by name', async () => {
  model.control({ requireKey: 'another key' });
  const { id, result } = await start({ nodes: LLM('Changed: {text}'), edges: edge('START', 'ask', 'END'), records: 30, input: { batchSize: 10, concurrency: 1 } });
  await untilPaused(id);
  await writeFile(join(engine.folder, id.split('/')[0] ?? '', 'input.jsonl'), '{"id":0,"text":"new"}\n');
  model.control({ requireKey: null });
  await Promise.all([assert.rejects(result), engine.client.workflow.getHandle(id).cancel()]);
  await assert.rejects(
    engine.start(id, { task: id.split('/')[0] ?? '', runId: 'run', resume: true }),
    (error: Error) => /input\.jsonl is no longer what it was/.test(deepest(error)),
  );
});

test('a worker that would simulate leaves a run with real answers alone, and says so', async () => {
  const { id, result } = await start({
    nodes: LLM('Real: {text}').replace('name: writer', 'name: nobody'),
    edges: edge('START', 'ask', 'END'),
    records: 2,
    input: { simulatedModels: [] },
  });
  const handle = engine.client.workflow.getHandle(id);
  const pending = await until(async () => (await handleOfBatch(id)).raw.pendingActivities?.find((activity) => activity.lastFailure != null));
  assert.match(pending.lastFailure?.message ?? '', /no endpoint for nobody/);
  await Promise.all([assert.rejects(result), handle.terminate()]);
});

test('cancelling writes what is finished and lets calls in flight come back into the journal', async () => {
  model.control({ latencyMilliseconds: 400 });
  const { id, result } = await start({ nodes: LLM('Slow: {text}'), edges: edge('START', 'ask', 'END'), records: 200, input: { concurrency: 10, batchSize: 10 } });
  const answered = model.stats().answered;
  await until(() => model.stats().answered - answered >= 10);
  await engine.client.workflow.getHandle(id).cancel();
  await assert.rejects(result);
  model.control({ latencyMilliseconds: 0 });
  const summary = JSON.parse(String(await engine.store.read(`runs/${id}/summary.json`))) as RunSummary;
  const paid = model.stats().answered - answered;
  assert.equal(summary.status, 'cancelled');
  assert.ok(summary.counts.cancelled > 0);
  assert.equal(model.stats().byStatus['abandoned'] ?? 0, 0, 'no call was given up');
  const name = id.split('/')[0] ?? '';
  const resumed = await engine.start(id, { task: name, runId: 'run', resume: true });
  assert.deepEqual([resumed.status, resumed.counts.written], ['done', 200]);
  assert.equal(model.stats().answered - answered - paid, 200 - paid, 'no answered call was repeated');
});

function deepest(error: Error): string {
  return error.cause instanceof Error ? deepest(error.cause) : error.message;
}

async function untilPaused(id: string): Promise<RunProgress['pause']> {
  return until(async () => (await engine.client.workflow.getHandle(id).query<RunProgress>('progress')).pause ?? undefined);
}

async function handleOfBatch(id: string): Promise<Awaited<ReturnType<ReturnType<Engine['client']['workflow']['getHandle']>['describe']>>> {
  const handle = engine.client.workflow.getHandle(`${id}/batch/00000`);
  return until(() => handle.describe().catch(() => undefined));
}
