import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readJson } from '../../activities/store/read-json.ts';
import { TASK_QUEUE, WORKFLOW_TYPES, type RunSummary } from '../../pipeline/run-contract.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { readTask, runTask, startTask } from '../support/run-task.ts';
import { until } from '../support/until.ts';

let engine: Engine;

before(async () => {
  engine = await startEngine();
});
after(() => engine.close());

/** `slow` blocks until there is a file of this name, as a model does that does not answer. */
const functions = (goes: string): string => `
import { existsSync } from 'node:fs';
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
export const step = () => ({ stepped: true });
export const boom = () => { throw new Error('boom'); };
export const parts = () => ({ parts: [1, 2] });
export const share = (config, states) => states.map(() => ({ of: states.length }));
export const slow = async (config, state) => {
  while (state.id === 8 && !existsSync(${JSON.stringify(goes)})) await sleep(20);
  return { slow: true };
};
export const where = (state) => (state.id % 4 === 3 ? 'check' : state.id === 8 ? 'slow' : 'end');
export const half = (state) => (state.id < 4 ? 'first' : 'second');
`;
const lambda = (name: string, more = ''): string => `    ${name}: { node_type: lambda, lambda: './functions.ts#${name}'${more} }\n`;

/** Waits until the batch has told its activity to stop. */
async function stopping(batch: string): Promise<void> {
  const handle = engine.client.workflow.getHandle(batch);
  await until(async () => (await handle.fetchHistory()).events?.some((event) => event.activityTaskCancelRequestedEventAttributes) === true);
}

async function resume(id: string): Promise<Awaited<ReturnType<typeof readTask>>> {
  const args = [{ task: id.slice(0, id.indexOf('/')), resume: true }];
  const summary = (await engine.client.workflow.execute(WORKFLOW_TYPES.run, { workflowId: id, taskQueue: TASK_QUEUE, args })) as RunSummary;
  return readTask(id, summary);
}

describe('a run whose records wait', () => {
  test('writes what is finished of waiting and of stopped batches when it is cancelled', async () => {
    const goes = join(engine.folder, 'first-go');
    const yaml = `graph_config:
  nodes:
${lambda('step')}    check: { node_type: human_review }
${lambda('slow', ', output_keys: [slow]')}  edges:
    - { from: START, to: step }
    - { from: step, condition: './functions.ts#where', path_map: { check: check, slow: slow, end: END } }
    - { from: check, to: END }
    - { from: slow, to: END }
`;
    const { id, result } = await startTask(engine, { yaml, files: { 'functions.ts': functions(goes) }, input: { numRecords: 12, batchSize: 4 } });
    await until(async () => (await engine.store.list(`runs/${id}/parked/0/00000`)).length === 2);
    await engine.client.workflow.getHandle(id).cancel();
    await stopping(`${id}/batch/00002`);
    await writeFile(goes, '');
    await assert.rejects(result);
    const summary = await readJson<RunSummary>(engine.store, `runs/${id}/summary.json`);
    const { rows } = await readTask(id, summary!);
    const written = rows.map((row) => Number(row['id'])).filter((record) => record !== 8);
    assert.deepEqual(written, [0, 1, 2, 4, 5, 6, 9, 10]);
  });

  test('keeps what was decided over all of them when it is resumed after some batches are finished', async () => {
    const goes = join(engine.folder, 'second-go');
    const set = (name: string): string => `    ${name}: { node_type: set_function, function: './functions.ts#share', scope: run, output_keys: [of] }\n`;
    const yaml = `graph_config:
  nodes:
${set('first')}${set('second')}${lambda('slow', ', output_keys: [slow]')}${lambda('step')}  edges:
    - { from: START, condition: './functions.ts#half', path_map: { first: first, second: second } }
    - { from: first, to: second }
    - { from: second, to: slow }
    - { from: slow, to: step }
    - { from: step, to: END }
`;
    const { id, result } = await startTask(engine, { yaml, files: { 'functions.ts': functions(goes) }, input: { numRecords: 12, batchSize: 4 } });
    // The second set sees the records of the first in the phase after it: so all of them wait twice.
    await until(async () => (await engine.store.list(`runs/${id}/parts/00000`)).length === 2);
    await engine.client.workflow.getHandle(id).cancel();
    await stopping(`${id}/batch/00002/phase-2`);
    await writeFile(goes, '');
    await assert.rejects(result);
    const { rows, summary } = await resume(id);
    assert.equal(summary.status, 'done');
    assert.deepEqual(rows.map((row) => [row['id'], row['of']]), Array.from({ length: 12 }, (_, record) => [record, 12]));
  });
});

describe('a target', () => {
  test('draws no more candidates than a wave wants, also over several ranges', async () => {
    const yaml = `target: { records: 205, where: 'stepped == true', max_candidates: 2000 }\ngraph_config:\n  nodes:\n${lambda('step', ', output_keys: [stepped]')}  edges:\n    - { from: START, to: step }\n    - { from: step, to: END }\n`;
    const { summary } = await runTask(engine, { yaml, files: { 'functions.ts': functions('') }, input: { batchSize: 1 } });
    assert.deepEqual(summary.target, { wanted: 205, accepted: 205, candidates: 205 });
  });
});

describe('failed children of records', () => {
  test('have workflows of their own where the ids of their parents make no name', async () => {
    const yaml = `data_config:
  source: { type: disk, file_path: input.jsonl }
  id_column: id
graph_config:
  nodes:
${lambda('parts', ', output_keys: [parts]')}    spread: { node_type: fan_out, items: parts }
${lambda('boom')}  edges:
    - { from: START, to: parts }
    - { from: parts, to: spread }
    - { from: spread, to: boom }
    - { from: boom, to: END }
`;
    const files = { 'functions.ts': functions(''), 'input.jsonl': '{"id":"a b"}\n{"id":"0"}\n' };
    const { id, failed } = await runTask(engine, { yaml, files, input: { failureShare: 1 } });
    assert.deepEqual(failed.map((record) => record.id), ['a b:0', 'a b:1', '0:0', '0:1']);
    for (const name of ['#0:0', '#0:1', '0:0', '0:1']) {
      const { type } = await engine.client.workflow.getHandle(`${id}/record/${name}`).describe();
      assert.equal(type, 'record');
    }
  });
});
