import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { JsonObject } from '../../pipeline/json.ts';
import type { PipelineInput, RunSummary } from '../../pipeline/run-contract.ts';
import { startEngine, type Engine } from '../support/engine.ts';

let engine: Engine;

before(async () => {
  engine = await startEngine();
});
after(() => engine.close());

/** A record whose number is 2 has no list of messages. */
const FUNCTIONS = `export const speak = (config, state) => ({
  conversation: state.n === 2 ? 'none' : [{ role: 'user', content: 'q' + state.n }, { role: 'assistant', chosen: ['a'], rejected: ['b'] }],
});
`;

async function run(name: string, { mapper, columns = ['id', 'conversation'], ...input }: PipelineInput & { mapper?: string; columns?: string[] }): Promise<{ summary: RunSummary; folder: string }> {
  const folder = join(engine.folder, name);
  await mkdir(folder);
  const yaml = `data_config:
  id_column: id
  source: {type: disk, file_path: in.jsonl}
  sink: {type: disk, file_path: ${folder}/out.jsonl}
graph_config:
  nodes:
    speak: {node_type: lambda, lambda: "./functions.ts#speak", output_keys: [conversation]}
  edges: [{from: START, to: speak}, {from: speak, to: END}]
output_config:
  output_map: {${columns.map((column) => `${column}: {from: ${column}}`).join(', ')}}
  ${mapper === undefined ? '' : `oasst_mapper: ${mapper}`}
`;
  await writeFile(join(folder, 'graph_config.yaml'), yaml);
  await writeFile(join(folder, 'functions.ts'), FUNCTIONS);
  await writeFile(join(folder, 'in.jsonl'), [1, 2, 3].map((n) => `${JSON.stringify({ id: `r${n}`, n })}\n`).join(''));
  const summary = await engine.start(`${name}/run`, { task: name, runId: 'run', ...input });
  return { summary, folder };
}

const lines = async (path: string): Promise<JsonObject[]> => (await readFile(path, 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line) as JsonObject);

test('the rows become OASST rows, and those that are no conversations are kept with the reason', async () => {
  const { summary, folder } = await run('mapped', { mapper: '{required: "yes", type: dpo}' });
  const output = join(folder, 'out_oasst.jsonl');
  assert.deepEqual(summary.oasst, { output, failedRecords: join(folder, 'out_oasst.failed.jsonl'), records: 3, failed: 1, rows: 6 });
  assert.deepEqual([summary.status, summary.output, existsSync(join(folder, 'out.jsonl'))], ['done', output, false]);
  const rows = await lines(output);
  assert.deepEqual(rows.map(({ message_level, content }) => [message_level, content]), [[1, 'q1'], [2, 'a'], [2, 'b'], [1, 'q3'], [2, 'a'], [2, 'b']]);
  assert.deepEqual((rows[0]?.metainfo as JsonObject).source_id, 'r1');
  assert.ok(typeof rows[0]?.created_at === 'string');
  const [failed] = await lines(join(folder, 'out_oasst.failed.jsonl'));
  assert.deepEqual([failed?.row, failed?.records], [2, [{ id: 'r2', conversation: 'none' }]]);
});

test('intermediate writing keeps the rows as they are, too', async () => {
  const { summary, folder } = await run('both', { mapper: '{required: yes, intermediate_writing: "yes"}', startIndex: 2 });
  assert.equal(summary.output, join(folder, 'out.jsonl'));
  assert.equal((await lines(join(folder, 'out.jsonl'))).length, 1);
  assert.deepEqual((await lines(join(folder, 'out_oasst.jsonl'))).map(({ role }) => role), ['user', 'assistant']);
  assert.deepEqual([summary.oasst?.failedRecords, existsSync(join(folder, 'out_oasst.failed.jsonl'))], [null, false]);
});

test('what is asked for at the start wins over the pipeline, and keeps the rows as they are where the pipeline says nothing', async () => {
  const on = await run('on', { oasst: true, startIndex: 2 });
  assert.deepEqual([on.summary.oasst?.rows, on.summary.output, (await lines(join(on.folder, 'out.jsonl'))).length], [2, join(on.folder, 'out.jsonl'), 1]);
  const off = await run('off', { oasst: false, mapper: '{required: "yes"}' });
  assert.deepEqual([off.summary.oasst, existsSync(join(off.folder, 'out_oasst.jsonl')), existsSync(join(off.folder, 'out.jsonl'))], [undefined, false, true]);
});

test('columns that can make no conversation are refused before the first record', async () => {
  await assert.rejects(run('refused', { oasst: true, columns: ['id', 'n'] }), (error: Error) => {
    const { message, type } = (error.cause as Error & { cause?: Error & { type?: string } }).cause ?? { message: '', type: '' };
    assert.match(message, /no conversation can be made of the output columns id, n/);
    assert.equal(type, 'PIPELINE_INVALID');
    return true;
  });
});
