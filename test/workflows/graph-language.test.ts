import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startEngine, type Engine } from '../support/engine.ts';
import { readTask, runTask, startTask } from '../support/run-task.ts';

let engine: Engine;

before(async () => {
  engine = await startEngine();
});
after(() => engine.close());

const FUNCTIONS = `
export const count = (config, state) => ({ rounds: (state.rounds ?? 0) + 1 });
export const again = (state) => (state.rounds < 1 + (state.id % 3) ? 'again' : 'done');
export const step = (config, state) => ({ steps: (state.steps ?? 0) + 1 });
export const odd = (config, state) => { if (state.id % 10 === 7) throw new Error('seven'); return { odd: state.id % 2 === 1 }; };
export const side = (state) => (state.odd ? 'left' : 'right');
export const left = () => ({ way: 'left' });
export const right = () => ({ way: 'right' });
export const parts = (config, state) => ({ parts: Array.from({ length: state.id % 4 }, (_, part) => 'p' + part) });
export const shout = (config, state) => ({ loud: String(state.part).toUpperCase() });
export const copies = (config, state) => Array.from({ length: state.id % 3 }, (_, copy) => ({ copy }));
export const share = (config, states) => states.map((state) => (state.id === 3 ? null : { of: states.length }));
export const word = (config, state) => ({ word: 'word' + (state.id % 5) });
export const score = (config, state) => ({ score: state.id % 4 });
`;

const lambda = (name: string, more = ''): string => `    ${name}: { node_type: lambda, lambda: './functions.ts#${name}'${more} }\n`;
const edges = (...nodes: string[]): string => nodes.slice(1).map((to, index) => `    - { from: ${nodes[index] ?? ''}, to: ${to} }\n`).join('');
const graph = (nodes: string, lines: string): string => `graph_config:\n  nodes:\n${nodes}  edges:\n${lines}`;
const FILES = { 'functions.ts': FUNCTIONS };

describe('a subgraph', () => {
  const inner = graph(
    `${lambda('odd', ', output_keys: [odd]')}${lambda('left', ', output_keys: [way]')}${lambda('right', ', output_keys: [way]')}`,
    `${edges('START', 'odd')}    - { from: odd, condition: './functions.ts#side', path_map: { left: left, right: right } }\n${edges('left', 'END')}${edges('right', 'END')}`,
  );
  const middle = graph(`${lambda('step', ', output_keys: [steps]')}    choose: { node_type: subgraph, subgraph: ./inner }\n`, edges('START', 'step', 'choose', 'END'));
  const outer = graph(
    `${lambda('count', ', output_keys: [rounds]')}    work: { node_type: subgraph, subgraph: ./middle }\n`,
    `${edges('START', 'count', 'work')}    - { from: work, condition: './functions.ts#again', path_map: { again: count, done: END } }\n`,
  );
  const files = {
    ...FILES,
    'middle/graph_config.yaml': middle,
    'middle/functions.ts': FUNCTIONS,
    'middle/inner/graph_config.yaml': inner,
    'middle/inner/functions.ts': FUNCTIONS,
  };

  test('of two levels in a loop takes every record through each visit, and fails a record by its full name', async () => {
    const { id, summary, rows, failed } = await runTask(engine, { yaml: outer, files, input: { numRecords: 60, batchSize: 20 } });
    assert.deepEqual(summary.counts, { written: 54, failed: 6, filtered: 0, spawned: 0, cancelled: 0, rows: 54, total: 60 });
    for (const row of rows) {
      const rounds = 1 + (Number(row['id']) % 3);
      assert.deepEqual([row['rounds'], row['steps'], row['way']], [rounds, rounds, Number(row['id']) % 2 === 1 ? 'left' : 'right']);
    }
    assert.deepEqual(failed.map(({ id: record, node }) => [record, node]), [7, 17, 27, 37, 47, 57].map((record) => [String(record), 'work/choose/odd']));
    assert.equal(summary.nodes['work/step']?.records, 114, 'the six fail at their first visit');
    const child = await engine.client.workflow.getHandle(`${id}/batch/00001/work-1/work/choose-1`).describe();
    assert.equal(child.type, 'subgraph');
  });
});

describe('a node that makes several records of one', () => {
  test('fan_out gives each item a record, in order, and takes out records without items', async () => {
    const yaml = graph(
      `${lambda('parts', ', output_keys: [parts]')}    spread: { node_type: fan_out, items: parts, as: part, index_key: number }\n${lambda('shout', ', output_keys: [loud]')}`,
      edges('START', 'parts', 'spread', 'shout', 'END'),
    );
    const { summary, rows } = await runTask(engine, { yaml, files: FILES, input: { numRecords: 40, batchSize: 10 } });
    const expected = Array.from({ length: 40 }, (_, id) => Array.from({ length: id % 4 }, (__, part) => [id, part, `P${part}`])).flat();
    assert.deepEqual(rows.map((row) => [row['id'], row['number'], row['loud']]), expected);
    assert.deepEqual(summary.counts, { written: 60, failed: 0, filtered: 10, spawned: 30, cancelled: 0, rows: 60, total: 40 });
  });

  test('a lambda with rows: true does the same, also within a subgraph and twice in a row', async () => {
    const inner = graph(`${lambda('copies', ', rows: true')}`, edges('START', 'copies', 'END'));
    const yaml = graph(
      `    first: { node_type: subgraph, subgraph: ./inner }\n${lambda('copies', ', rows: true')}${lambda('step', ', output_keys: [steps]')}`,
      edges('START', 'first', 'copies', 'step', 'END'),
    );
    const files = { ...FILES, 'inner/graph_config.yaml': inner, 'inner/functions.ts': FUNCTIONS };
    const { summary, rows } = await runTask(engine, { yaml, files, input: { numRecords: 9, batchSize: 9 } });
    const expected = [1, 2, 2, 4, 5, 5, 7, 8, 8].flatMap((id) => (id % 3 === 2 ? [[id, 0], [id, 1]] : [[id, 0]]));
    assert.deepEqual(rows.map((row) => [row['id'], row['copy']]), expected);
    assert.deepEqual([summary.counts.written, summary.counts.filtered, summary.counts.spawned], [15, 3, 9]);
  });

  test('filter ends the records that do not meet its condition', async () => {
    const yaml = graph(`${lambda('score', ', output_keys: [score]')}    good: { node_type: filter, where: 'score >= 2' }\n`, edges('START', 'score', 'good', 'END'));
    const { summary, rows } = await runTask(engine, { yaml, files: FILES, input: { numRecords: 20 } });
    assert.equal(rows.length, 10);
    assert.equal(summary.counts.filtered, 10);
  });
});

describe('a node over a set', () => {
  const set = (scope: string): string =>
    graph(
      `${lambda('odd', ', output_keys: [odd]')}    share: { node_type: set_function, function: './functions.ts#share', scope: ${scope}, output_keys: [of] }\n${lambda('step', ', output_keys: [steps]')}`,
      edges('START', 'odd', 'share', 'step', 'END'),
    );

  test('of a batch sees all records of the batch at once', async () => {
    const { summary, rows } = await runTask(engine, { yaml: set('batch'), files: FILES, input: { numRecords: 25, batchSize: 10 } });
    assert.deepEqual([summary.counts.written, summary.counts.failed, summary.counts.filtered], [22, 2, 1]);
    assert.deepEqual([...new Set(rows.map((row) => row['of']))], [9, 5]);
  });

  test('of a run waits for all records of the run, then goes on', async () => {
    const { summary, rows } = await runTask(engine, { yaml: set('run'), files: FILES, input: { numRecords: 410, batchSize: 2, rangesPerExecution: 1, failureShare: 1 } });
    assert.deepEqual([summary.counts.written, summary.counts.failed, summary.counts.filtered], [368, 41, 1]);
    assert.deepEqual([...new Set(rows.map((row) => [row['of'], row['steps']].join()))], ['369,1']);
    assert.deepEqual(rows.map((row) => Number(row['id'])), rows.map((row) => Number(row['id'])).sort((left, right) => left - right));
  });

  test('deduplicate of a run keeps the first of each', async () => {
    const yaml = graph(`${lambda('word', ', output_keys: [word]')}    unique: { node_type: deduplicate, field: word, method: exact, scope: run }\n`, edges('START', 'word', 'unique', 'END'));
    const { rows } = await runTask(engine, { yaml, files: FILES, input: { numRecords: 40, batchSize: 10 } });
    assert.deepEqual(rows.map((row) => row['id']), [0, 1, 2, 3, 4]);
  });
});

describe('human_review', () => {
  const yaml = graph(
    `${lambda('score', ', output_keys: [score]')}    check: { node_type: human_review, show: [score], edit: [score], on_reject: filter }\n${lambda('step', ', output_keys: [steps]')}`,
    `${edges('START', 'score')}    - { from: score, condition: './functions.ts#needs', path_map: { check: check, pass: step } }\n${edges('check', 'step', 'END')}`,
  );
  const files = { 'functions.ts': `${FUNCTIONS}\nexport const needs = (state) => (state.score === 3 ? 'check' : 'pass');` };

  test('holds only the records that wait, and goes on as they are decided', async () => {
    const { decideReviews, pendingReviews } = await import('../support/decide-reviews.ts');
    const { id, result } = await startTask(engine, { yaml, files, input: { numRecords: 12, batchSize: 4 } });
    const pending = await pendingReviews(engine, id, 3);
    assert.deepEqual(pending.map((one) => [one.id, one.show]), [['3', { score: 3 }], ['7', { score: 3 }], ['11', { score: 3 }]]);
    const [first, second, third] = pending;
    const handle = engine.client.workflow.getHandle(id);
    await assert.rejects(handle.executeUpdate('review', { args: [{ id: '4', decision: 'approve' }] }), (error: Error) => /no record 4 waits; 3 at check, 7 at check, 11 at check do/.test(String(error.cause)));
    await assert.rejects(handle.executeUpdate('review', { args: [{ id: Number(first!.id), decision: 'edit', edit: { hidden: 1 } }] }), (error: Error) => /"hidden" cannot be edited at check/.test(String(error.cause)));
    await handle.executeUpdate('review', { args: [{ id: Number(first!.id), decision: 'approve' }] });
    await decideReviews(engine, id, [{ ...second!, decision: 'reject' }, { ...third!, decision: 'edit', edit: { score: 9, id: 0 } }]);
    const { rows, summary } = await readTask(id, await result);
    assert.deepEqual(rows.map((row) => [row['id'], row['score'], row['steps']]), [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11].map((record) => [record, record === 11 ? 9 : record % 4, 1]));
    assert.equal(summary.counts.filtered, 1);
  });

  test('a run that is cancelled while records wait writes the others', async () => {
    const { pendingReviews } = await import('../support/decide-reviews.ts');
    const { id, result } = await startTask(engine, { yaml, files, input: { numRecords: 12, batchSize: 4 } });
    await pendingReviews(engine, id, 3);
    await engine.client.workflow.getHandle(id).cancel();
    await assert.rejects(result);
    const { readJson } = await import('../../activities/store/read-json.ts');
    const summary = await readJson<{ status: string; counts: Record<string, number> }>(engine.store, `runs/${id}/summary.json`);
    assert.deepEqual([summary?.status, summary?.counts['written'], summary?.counts['cancelled']], ['cancelled', 9, 3]);
  });
});

describe('a target', () => {
  const target = (records: number, most: number): string =>
    `target: { records: ${records}, where: 'score >= 2', max_candidates: ${most} }\n${graph(lambda('score', ', output_keys: [score]'), edges('START', 'score', 'END'))}`;

  test('draws candidates until exactly so many are accepted', async () => {
    const { summary, rows } = await runTask(engine, { yaml: target(50, 500), files: FILES });
    assert.equal(rows.length, 50);
    assert.ok(rows.every((row) => Number(row['score']) >= 2));
    assert.deepEqual(summary.target, { wanted: 50, accepted: 50, candidates: summary.counts.total });
    assert.ok(summary.counts.total < 200, `${summary.counts.total} candidates`);
  });

  test('says how many it got where the candidates are used up', async () => {
    const { summary, rows } = await runTask(engine, { yaml: target(50, 60), files: FILES });
    assert.equal(rows.length, 30);
    assert.deepEqual(summary.target, { wanted: 50, accepted: 30, candidates: 60 });
  });
});

test('sinks with a condition share the rows out', async () => {
  const sinks = ['good', 'bad'].map((name) => `    - { type: jsonl, file_path: ${name}.jsonl, where: 'score ${name === 'good' ? '>=' : '<'} 2' }\n`).join('');
  const yaml = `data_config:\n  sink:\n${sinks}${graph(lambda('score', ', output_keys: [score]'), edges('START', 'score', 'END'))}`;
  const { result } = await startTask(engine, { yaml, files: FILES, input: { numRecords: 10 }, sinks: true });
  await result;
  const scores = async (name: string): Promise<unknown[]> =>
    (await readFile(join(engine.folder, `${name}.jsonl`), 'utf8')).trimEnd().split('\n').map((line) => (JSON.parse(line) as { score: number }).score);
  assert.deepEqual([await scores('good'), await scores('bad')], [[2, 3, 2, 3], [0, 1, 0, 1, 0, 1]]);
});
