import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createS3Store } from '../../activities/store/s3/s3-store.ts';
import { remoteFile } from '../../activities/store/locations.ts';
import type { RunSummary } from '../../pipeline/run-contract.ts';
import { startFakeModel, type FakeModelServer } from '../../fake-model/start-fake-model.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { startTask } from '../support/run-task.ts';
import { startS3Server, type S3TestServer } from '../support/s3-server.ts';
import { until } from '../support/until.ts';

const RECORDS = 40;

/** One pixel, as a column of a Parquet file has it. */
const IMAGE = { path: null, bytes: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==' };

const FUNCTIONS = `
export const check = (config, state) => {
  if (state.id === 13) throw new Error('unlucky');
  return { checked: true };
};
export const count = (config, states) => states.map(() => ({ of: states.length }));
`;

const YAML = `data_config:
  source: { type: disk, file_path: s3://data/in.jsonl }
graph_config:
  nodes:
    check: { node_type: lambda, lambda: './functions.ts#check' }
    count: { node_type: set_function, function: './functions.ts#count', scope: run, output_keys: [of] }
    ask:
      node_type: llm
      model: { name: gpt, parameters: {} }
      prompt:
        - user: "Question {text}"
      output_keys: answer
  edges:
    - { from: START, to: check }
    - { from: check, to: count }
    - { from: count, to: ask }
    - { from: ask, to: END }
`;

describe('a run whose store, source and output are in a bucket', () => {
  let s3: S3TestServer;
  let model: FakeModelServer;
  let engine: Engine;
  before(async () => {
    [s3, model] = await Promise.all([startS3Server({ pageSize: 20 }), startFakeModel()]);
    Object.assign(process.env, s3.environment);
    const rows = Array.from({ length: RECORDS }, (_, id) => JSON.stringify({ id, text: `text ${id}.`, image: id === 2 ? IMAGE : null }));
    await createS3Store({ address: 's3://data', copiesFolder: '' }).write('in.jsonl', `${rows.join('\n')}\n`);
    engine = await startEngine({ SYGRA_GPT_URL: model.url, SYGRA_GPT_TOKEN: 'key' }, 's3://data/store');
  });
  after(async () => {
    await engine.close();
    await Promise.all([model.close(), s3.close()]);
  });

  async function run(output: string, input: object = {}): Promise<{ id: string; summary: RunSummary }> {
    const { id, result } = await startTask(engine, { yaml: YAML, files: { 'functions.ts': FUNCTIONS }, input: { output, batchSize: 10, ...input } });
    return { id, summary: await result };
  }

  const read = async (location: string): Promise<string> => {
    const file = remoteFile(location);
    return (await file?.bucket.read(file.key))?.toString() ?? '';
  };

  it('runs functions, decides over all records, places media and lists failures there', async () => {
    const { id, summary } = await run('s3://data/out/rows.jsonl');
    assert.deepEqual([summary.counts.written, summary.counts.failed], [RECORDS - 1, 1]);
    assert.equal(model.stats().calls, RECORDS - 1);
    const rows = (await read('s3://data/out/rows.jsonl')).trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(rows.map((row) => row.id), Array.from({ length: RECORDS }, (_, index) => index).filter((index) => index !== 13));
    assert.equal(rows[0]?.of, RECORDS - 1);
    assert.match(String(rows[2]?.image), /^rows_media\//);
    assert.notEqual(await read(`s3://data/out/${String(rows[2]?.image)}`), '');
    assert.match(await read('s3://data/out/rows.failed.jsonl'), /unlucky/);
    // One object a segment is left when all is done.
    const segments = await engine.store.list(`runs/${id}/journal/00000/000`);
    assert.ok(segments.length > 0 && segments.every((key) => !key.includes('~')), segments.join(' '));
  });

  it('outlasts a bucket that is away for some seconds, and pays for no answer twice', async () => {
    model.control({ latencyMilliseconds: 300 });
    model.reset();
    const running = run('s3://data/out/rows.parquet', { fresh: true, concurrency: 4 });
    await until(() => model.stats().answered >= 8);
    s3.faults.isDown = true;
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    s3.faults.isDown = false;
    const { summary } = await running;
    assert.equal(summary.counts.written, RECORDS - 1);
    assert.equal(model.stats().calls, RECORDS - 1);
    assert.equal((await read('s3://data/out/rows.parquet')).slice(0, 4), 'PAR1');
  });

  it('reuses answers of earlier runs there', async () => {
    model.reset();
    const earlier = await run('s3://data/out/first.csv');
    assert.equal(model.stats().calls, RECORDS - 1);
    const pipeline = earlier.id.slice(0, earlier.id.indexOf('/'));
    const again = (await engine.client.workflow.execute('pipeline', { workflowId: `${pipeline}/again`, taskQueue: 'syngraph', args: [{ task: pipeline, output: 's3://data/out/second.csv' }] })) as RunSummary;
    assert.equal(again.counts.written, RECORDS - 1);
    assert.equal(model.stats().calls, RECORDS - 1);
    assert.equal((await read('s3://data/out/second.csv')).replaceAll('second_media', 'first_media'), await read('s3://data/out/first.csv'));
  });
});
