import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createS3Store } from '../../activities/store/s3/s3-store.ts';
import type { RunJson } from '../../cli/runs/run-report.ts';
import { startFakeModel, type FakeModelServer } from '../../fake-model/start-fake-model.ts';
import { ensureServer } from '../../worker/server/ensure-server.ts';
import type { ServerHandle } from '../../worker/server/server-handle.ts';
import { startS3Server, type S3TestServer } from '../support/s3-server.ts';
import { until } from '../support/until.ts';
import { createWorkplace, questions, type RunningCommand, type Workplace } from './workplace.ts';

const RECORDS = 100;
const STORE = 's3://data/nightly';
const last = (output: string): RunJson => JSON.parse(output.trim().split('\n').at(-1)!) as RunJson;

describe('several workers on a bucket', () => {
  let place: Workplace;
  let model: FakeModelServer;
  let s3: S3TestServer;
  let server: ServerHandle;
  let environment: Record<string, string>;
  const workers: RunningCommand[] = [];

  before(async () => {
    [place, model, s3] = await Promise.all([createWorkplace(), startFakeModel(), startS3Server()]);
    model.control({ latencyMilliseconds: 1_000 });
    environment = { ...s3.environment, SYNGRAPH_STORE: STORE, SYNGRAPH_CACHE: join(place.folder, 'cache') };
    Object.assign(process.env, s3.environment);
    await place.write({ ...questions(RECORDS), '.env': `SYGRA_GPT_URL=${model.url}\nSYGRA_GPT_TOKEN=key\n` });
    // No more than a server: `up` would start a worker too.
    server = await ensureServer({ storeFolder: join(place.folder, '.syngraph'), environment: { ...process.env, TEMPORAL_ADDRESS: '' }, onProgress: () => undefined });
  });
  after(async () => {
    for (const worker of workers) worker.child.kill('SIGKILL');
    await Promise.all(workers.map(({ ended }) => ended));
    await server.release();
    await Promise.all([model.close(), place.remove(), s3.close()]);
  });

  async function startWorker(): Promise<RunningCommand> {
    const worker = place.start(['worker'], environment);
    workers.push(worker);
    await until(() => worker.output().includes(`Serving pipelines of ${STORE}`));
    return worker;
  }

  async function rowsOf({ output }: RunJson): Promise<string[]> {
    assert.ok(output !== null && output.startsWith(`${STORE}/output/`), String(output));
    const content = await createS3Store({ address: STORE, copiesFolder: '' }).read(output.slice(STORE.length + 1));
    return (content?.toString() ?? '').trim().split('\n').map((line) => (JSON.parse(line) as { n: string }).n);
  }

  it('hand over when they are told to end, take over from one that is killed, and lose nothing', async () => {
    const [first, second] = await Promise.all([startWorker(), startWorker(), startWorker()]);
    const run = place.start(['run', 'quiz', '--no-worker', '--json', '--run-id', 'one', '--batch-size', '5', '--concurrency', '6'], environment);
    await until(() => model.stats().answered >= 6);
    first.child.kill('SIGTERM');
    assert.equal((await first.ended).exitCode, 0);
    // Calls in flight came back before it ended, and nothing was asked again.
    assert.equal(model.stats().byStatus.abandoned, undefined);
    assert.equal(model.stats().repeatedAnswers, 0);
    const before = model.stats();
    second.child.kill('SIGKILL');
    const ended = await run.ended;
    assert.equal(ended.exitCode, 0, ended.errors);
    assert.deepEqual(await rowsOf(last(ended.output)), Array.from({ length: RECORDS }, (_, index) => `q${index}.`));
    const { calls } = model.stats();
    // Beside what was in flight, answers of the last moments may not have been in the bucket.
    assert.ok(calls <= RECORDS + before.inFlight + 2 * 12, `${calls} calls`);
    // Without a word of it, the others had waited for its heartbeat timeout.
    const log = await readFile(join(place.folder, '.syngraph', 'logs', 'syngraph.log'), 'utf8');
    assert.ok(/workers were killed: syngraph:.*:\d+:/.test(log));
    const status = await place.syngraph(['status', 'one', '--json'], environment);
    assert.equal((JSON.parse(status.output) as { status: string }).status, 'done', status.output);
  });
});
