import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createS3Store } from '../../activities/store/s3/s3-store.ts';
import type { Store } from '../../activities/store/store.ts';
import { startFakeModel, type FakeModelServer } from '../../fake-model/start-fake-model.ts';
import { TASK_QUEUE, WORKFLOW_TYPES, type RunControl, type RunProgress, type RunSummary } from '../../pipeline/run-contract.ts';
import { ASK_YAML, askFiles, numbered } from '../support/ask-task.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { startTask, type StartedTask } from '../support/run-task.ts';
import { startS3Server, type S3TestServer } from '../support/s3-server.ts';
import { until } from '../support/until.ts';

const RECORDS = 20;

describe('a run whose store is in a bucket', () => {
  let s3: S3TestServer;
  let model: FakeModelServer;
  let engine: Engine;
  let bucket: Store;
  before(async () => {
    [s3, model] = await Promise.all([startS3Server({ pageSize: 20 }), startFakeModel()]);
    Object.assign(process.env, s3.environment);
    engine = await startEngine({ SYGRA_WRITER_URL: model.url }, 's3://data/store');
    bucket = createS3Store({ address: 's3://data', copiesFolder: '' });
  });
  after(async () => {
    await engine.close();
    await Promise.all([model.close(), s3.close()]);
  });

  const read = async (key: string): Promise<string> => (await bucket.read(key))?.toString() ?? '';
  const rowsOf = async (key: string): Promise<number[]> => (await read(key)).split('\n').filter((line) => line !== '').map((line) => (JSON.parse(line) as { n: number }).n);
  const numbers = Array.from({ length: RECORDS }, (_, n) => n);

  /** Starts a run whose calls take so long that it does not come to its end while it is steered, until `release`. */
  async function startSlow(name: string): Promise<StartedTask & { release: () => void }> {
    const before = model.stats().calls;
    model.control({ latencyMilliseconds: 1_000 });
    const started = await startTask(engine, { yaml: ASK_YAML, files: askFiles(RECORDS), input: { concurrency: 1, batchSize: 5, fresh: true, output: `s3://data/out/${name}.jsonl` } });
    await until(() => model.stats().calls > before);
    return { ...started, release: () => model.control({ latencyMilliseconds: 0 }) };
  }

  it('is paused, changed and resumed, and loses nothing', async () => {
    const { id, result, release } = await startSlow('paused');
    const handle = engine.client.workflow.getHandle(id);
    const controlOf = async (): Promise<RunControl> => JSON.parse(await read(`store/runs/${id}/control.json`)) as RunControl;
    const paused = await handle.executeUpdate<RunProgress, [object]>('pause', { args: [{ by: 'ann' }] });
    assert.equal(paused.status, 'paused');
    assert.equal((await controlOf()).paused?.cause.message, 'paused by ann');
    const limits = await handle.executeUpdate<RunControl, [object]>('set', { args: [{ model: 'writer', concurrency: 7 }] });
    assert.deepEqual(limits.models, { writer: { concurrency: 7 } });
    assert.deepEqual((await controlOf()).models, limits.models);
    release();
    await handle.executeUpdate('resume');
    assert.equal((await result).counts.written, RECORDS);
    assert.equal((await controlOf()).paused, undefined);
    assert.deepEqual(await rowsOf('out/paused.jsonl'), numbers);
  });

  it('is cancelled with what it has, and gone on with', async () => {
    const { id, result, release } = await startSlow('cancelled');
    await engine.client.workflow.getHandle(id).cancel();
    await assert.rejects(result);
    assert.equal((JSON.parse(await read(`store/runs/${id}/summary.json`)) as RunSummary).status, 'cancelled');
    release();
    const { reference } = JSON.parse(await read(`store/runs/${id}/run.json`)) as { reference: { planHash: string } };
    const summary = await engine.start(id, { planHash: reference.planHash, resume: true });
    assert.deepEqual([summary.status, summary.counts.written], ['done', RECORDS]);
    assert.deepEqual(await rowsOf('out/cancelled.jsonl'), numbers);
  });

  it('has its failed records tried again, which come to their places', async () => {
    model.control({ latencyMilliseconds: 0, rules: [{ match: '^Say (3|17)$', behaviour: 400 }] });
    const { id, result } = await startTask(engine, { yaml: ASK_YAML, files: { ...askFiles(0), 'in.jsonl': numbered(numbers) }, input: { batchSize: 5, output: 's3://data/out/retried.jsonl' } });
    assert.equal((await result).counts.failed, 2);
    assert.match(await read('out/retried.failed.jsonl'), /MODEL_REJECTED/);
    model.control({ rules: [] });
    const calls = model.stats().calls;
    const [pipeline = '', run = ''] = id.split('/');
    const retried = (await engine.client.workflow.execute(WORKFLOW_TYPES.run, { workflowId: `${id}~retry-1`, taskQueue: TASK_QUEUE, args: [{ retry: { pipeline, run } }] })) as RunSummary;
    assert.deepEqual([retried.status, retried.counts.written, retried.retryOf?.counts.written], ['done', 2, RECORDS]);
    assert.equal(model.stats().calls - calls, 2);
    assert.deepEqual(await rowsOf('out/retried.jsonl'), numbers);
    assert.equal(await bucket.size('out/retried.failed.jsonl'), null);
  });
});
