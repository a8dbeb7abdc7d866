import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startFakeModel } from '../../../fake-model/start-fake-model.ts';
import { startEngine, type Engine } from '../../support/engine.ts';
import { runTask } from '../../support/run-task.ts';

let engine: Engine;
before(async () => (engine = await startEngine()));
after(() => engine.close());

const FUNCTIONS = `
const words = (seed) => Array.from({ length: 30 }, (_, index) => 'w' + ((seed * 7919 + index * 104729) % 5003)).join(' ');
/** Every third record says again, with one word more, what a record before it has said. */
export class Stats {
  process(rows, metadata, params) { return rows.map((row) => ({ id: row.id, long: row.text.length > params.limit, beside: metadata.output_file.endsWith('out.jsonl') })); }
}
export const howMany = (rows) => ({ rows: rows.length, first: rows[0] });
export const write = (config, state) => ({ text: state.id % 3 === 2 ? words(state.id - 2) + ' indeed' : words(state.id), score: state.id % 7 });
`;
const WRITE = `    write: { node_type: lambda, lambda: './functions.ts#write', output_keys: [text, score] }\n`;
const files = { 'functions.ts': FUNCTIONS };

function graph(nodes: string, names: string[], rest = ''): string {
  const edges = ['START', ...names].map((from, index) => `    - { from: ${from}, to: ${names[index] ?? 'END'} }\n`);
  return `graph_config:\n  nodes:\n${nodes}  edges:\n${edges.join('')}${rest}`;
}

describe('a run with nodes over sets', () => {
  it('deduplicates all its records, ranks them, and lists what it has dropped', async () => {
    const nodes = `${WRITE}    once: { node_type: deduplicate, field: text, report: pairs.jsonl }\n    best: { node_type: rank, by: score, top: 5 }\n`;
    const { summary, rows } = await runTask(engine, { yaml: graph(nodes, ['write', 'once', 'best']), files, input: { numRecords: 60, batchSize: 10 } });
    const { written, filtered, failed, total } = summary.counts;
    assert.deepEqual({ written, filtered, failed, total }, { written: 5, filtered: 55, failed: 0, total: 60 });
    // Of the records that are no copies, those with the highest score; the earlier ones of equals.
    const originals = Array.from({ length: 60 }, (_, id) => id).filter((id) => id % 3 !== 2);
    const best = originals.sort((left, right) => (right % 7) - (left % 7) || left - right).slice(0, 5);
    assert.deepEqual(rows.map((row) => [Number(row['id']), row['rank']]), [...best].sort((left, right) => left - right).map((id) => [id, best.indexOf(id) + 1]));
    const lines = (await readFile(join(dirname(summary.output!), 'pairs.jsonl'), 'utf8')).trimEnd().split('\n');
    assert.equal(lines.length, 20);
    const first = JSON.parse(lines[0]!) as Record<string, unknown>;
    assert.deepEqual([first['kept_id'], first['dropped_id']], ['0', '2']);
  });

  it('sees one batch at a time where it is told to', async () => {
    const nodes = `${WRITE}    figures: { node_type: aggregate, scope: batch, functions: { records: count, mean: { function: mean, field: score } } }\n`;
    const { rows } = await runTask(engine, { yaml: graph(nodes, ['write', 'figures']), files, input: { numRecords: 21, batchSize: 14 } });
    assert.deepEqual(new Set(rows.map((row) => JSON.stringify(row['aggregate']))), new Set(['{"records":14,"mean":3}', '{"records":7,"mean":3}']));
  });

  it('carries out semantic deduplication of graph_post_process with a model that is simulated', async () => {
    const rest = `graph_post_process:
  - processor: sygra.core.graph.graph_postprocessor.SemanticDedupPostProcessor
    params: { field: answer, embedding_model: paraphrase-MiniLM-L3-v2, similarity_threshold: 0.92, keep: last, report_filename: report.json }
output_config:
  output_map: { id: { from: id }, answer: { from: text } }
`;
    const { summary, rows } = await runTask(engine, { yaml: graph(WRITE, ['write'], rest), files, input: { numRecords: 30, batchSize: 10 } });
    // Of each pair the later one stays: 2 for 0, 5 for 3 …
    assert.deepEqual(rows.map((row) => Number(row['id'])), Array.from({ length: 30 }, (_, id) => id).filter((id) => id % 3 !== 0));
    const report = JSON.parse(await readFile(join(dirname(summary.output!), 'report.json'), 'utf8')) as Record<string, unknown>;
    assert.deepEqual([report['input_count'], report['output_count'], report['pairs_reported']], [30, 20, 10]);
  });

  it('asks an endpoint for embeddings, through failures that pass', async () => {
    const model = await startFakeModel({ script: { failureRate: 0.4, seed: 3, retryAfterSeconds: null } });
    const nodes = `${WRITE}    once: { node_type: deduplicate, field: text, model: embedder, threshold: 0.92 }\n`;
    const models = `embedder: { model_type: vllm, model: small, url: '${model.url}' }\n`;
    const { summary, rows } = await runTask(engine, { yaml: graph(nodes, ['write', 'once']), files: { ...files, 'models.yaml': models }, input: { numRecords: 150, batchSize: 50 } });
    const { calls, answered, repeatedAnswers } = model.stats();
    await model.close();
    assert.deepEqual(rows.map((row) => Number(row['id'])), Array.from({ length: 150 }, (_, id) => id).filter((id) => id % 3 !== 2));
    assert.equal(summary.counts.filtered, 50);
    assert.deepEqual([answered, repeatedAnswers], [5, 0], '150 texts, 32 a call');
    assert.ok(calls > 5, 'none has failed');
  });

  it('hands the finished rows to processors of the task, whose results lie beside the output', async () => {
    const rest = `graph_post_process:
  - { processor: './functions.ts#Stats', params: { limit: 3 } }
  - { processor: './functions.ts#howMany', use_previous_output: true }
`;
    const { summary, rows } = await runTask(engine, { yaml: graph(WRITE, ['write'], rest), files, input: { numRecords: 4 } });
    const read = async (name: string): Promise<unknown> => JSON.parse(await readFile(join(dirname(summary.output!), name), 'utf8'));
    const first = { id: 0, long: true, beside: true };
    assert.deepEqual(((await read('Stats_out.json')) as unknown[])[0], first);
    assert.deepEqual(await read('howMany_out.json'), { rows: 4, first });
    assert.equal(rows.length, 4);
  });
});
