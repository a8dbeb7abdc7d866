import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { WorkflowFailedError, type Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { connectClient, type ConnectedClient } from '../../worker/connect-client.ts';
import { createSyngraphWorker, type SyngraphWorker } from '../../worker/create-worker.ts';
import { installRuntime } from '../../worker/install-runtime.ts';
import { createLogger } from '../../worker/logger.ts';
import { failDeadAttempts } from '../../worker/revive-run.ts';
import { ensureServer } from '../../worker/server/ensure-server.ts';
import type { ServerHandle } from '../../worker/server/server-handle.ts';
import { SyngraphPlugin } from '../../worker/syngraph-plugin.ts';
import { parseWorkerIdentity } from '../../worker/worker-identity.ts';
import { serverEnvironment, temporaryStore } from './temporary-store.ts';

describe('a worker of pipelines', () => {
  let store: Awaited<ReturnType<typeof temporaryStore>>;
  let server: ServerHandle;
  let connected: ConnectedClient;
  let client: Client;
  let codePath: string;

  before(async () => {
    store = await temporaryStore();
    installRuntime(createLogger({ storeFolder: store.folder, environment: {}, onWarning: () => undefined }));
    const workflowsPath = join(import.meta.dirname, 'fixtures/workflows.ts');
    const [handle, bundle] = await Promise.all([
      ensureServer({ storeFolder: store.folder, environment: serverEnvironment() }),
      bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') }),
    ]);
    server = handle;
    codePath = join(store.folder, 'bundle.js');
    await writeFile(codePath, bundle.code);
    connected = await connectClient(server);
    client = connected.client;
  });
  after(async () => {
    await connected.close();
    await server.release();
    await store.remove();
  });

  const serve = (taskQueue: string): Promise<SyngraphWorker> =>
    createSyngraphWorker({
      connection: server.connectionOptions,
      namespace: server.namespace,
      taskQueue,
      activities: { work: async (text: string): Promise<string> => text.toUpperCase() },
      overrides: { workflowBundle: { codePath } },
    });

  const during = async <Result>({ run, shutdown }: SyngraphWorker, work: () => Promise<Result>): Promise<Result> => {
    const running = run();
    try {
      return await work();
    } finally {
      shutdown();
      await running;
    }
  };

  it('serves workflows and activities under an identity that names its process', async () => {
    const worker = await serve('serves');
    assert.equal(parseWorkerIdentity(worker.identity)?.pid, process.pid);
    const result: unknown = await during(worker, () => client.workflow.execute('worksOnce', { taskQueue: 'serves', workflowId: 'serves', args: ['hi'] }));
    assert.equal(result, 'HI');
  });

  it('fails a workflow whose code is mistaken instead of trying it for ever', async () => {
    const worker = await serve('mistaken');
    const outcome = during(worker, () => client.workflow.execute('mistaken', { taskQueue: 'mistaken', workflowId: 'mistaken' }));
    await assert.rejects(outcome, (error) => error instanceof WorkflowFailedError && /missing/.test(String(error.cause)));
  });

  it('hands the attempt of a killed worker to the next one at once', async () => {
    const main = join(import.meta.dirname, 'fixtures/worker-main.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', main, server.address, 'killed', codePath], { stdio: ['ignore', 'pipe', 'inherit'] });
    const handle = await client.workflow.start('worksOnce', {
      taskQueue: 'killed',
      workflowId: 'some-pipeline/some-run',
      args: ['again'],
      searchAttributes: { SyngraphPipeline: ['some-pipeline'], SyngraphRun: ["it's a run"] },
    });
    await once(child.stdout, 'data');
    const living = await failDeadAttempts({ client, pipeline: 'some-pipeline', run: "it's a run", workflowIds: [handle.workflowId, 'not/there'] });
    assert.deepEqual(living, { openWorkflows: 1, failedAttempts: 0 }, 'the attempt of a living worker is left alone');
    child.kill('SIGKILL');
    await once(child, 'exit');

    const revived = await failDeadAttempts({ client, pipeline: 'some-pipeline', run: "it's a run", workflowIds: [handle.workflowId] });
    assert.deepEqual(revived, { openWorkflows: 1, failedAttempts: 1 });
    // Neither the heartbeat timeout of a minute nor the retry interval of 30 s is waited for.
    const [waiting] = (await handle.describe()).raw.pendingActivities ?? [];
    assert.equal(waiting?.attempt, 2);
    assert.ok(Number(waiting.currentRetryInterval?.seconds ?? 0) < 1, JSON.stringify(waiting));
    assert.equal(await during(await serve('killed'), () => handle.result()), 'AGAIN');
  });

  it("adds pipelines to anybody's own worker as a plugin", async () => {
    const connection = await NativeConnection.connect(server.connectionOptions);
    const activities = { work: async (): Promise<string> => 'plugged' };
    const own = await Worker.create({
      connection,
      taskQueue: 'plugin',
      workflowBundle: { codePath },
      activities: { other: async (): Promise<string> => 'other' },
      plugins: [new SyngraphPlugin({ activities })],
    });
    const result: unknown = await own.runUntil(client.workflow.execute('worksOnce', { taskQueue: 'plugin', workflowId: 'plugin', args: ['x'] }));
    assert.equal(result, 'plugged');
    await connection.close();
  });
});
