import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Client } from '@temporalio/client';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { createActivities } from '../../activities/create-activities.ts';
import { createFunctionHost } from '../../activities/functions/create-function-host.ts';
import { createMcpConnections } from '../../activities/nodes/tools/mcp/mcp-connections.ts';
import { createModelGateway } from '../../activities/models/create-model-gateway.ts';
import { openStore } from '../../activities/store/open-store.ts';
import type { Store } from '../../activities/store/store.ts';
import { connectClient } from '../../worker/connect-client.ts';
import { createSyngraphWorker } from '../../worker/create-worker.ts';
import { ensureServer } from '../../worker/server/ensure-server.ts';
import { TASK_QUEUE, WORKFLOW_TYPES, type PipelineInput, type RunSummary } from '../../pipeline/run-contract.ts';

// Failures that tests cause on purpose are no news.
Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });

/** A real server, a worker and a client over a store in a temporary folder. */
export interface Engine {
  client: Client;
  store: Store;
  folder: string;
  /** Of the server. */
  address: string;
  start(id: string, input: PipelineInput): Promise<RunSummary>;
  close(): Promise<void>;
}

/** @param storeAddress default: a folder of the engine's own */
export async function startEngine(environment: NodeJS.ProcessEnv = {}, storeAddress?: string): Promise<Engine> {
  const folder = await mkdtemp(join(tmpdir(), 'syngraph-engine-'));
  const storeFolder = join(folder, '.syngraph');
  const store = openStore(storeAddress ?? storeFolder, { localFolder: storeFolder });
  const server = await ensureServer({ storeFolder, environment: { ...process.env, TEMPORAL_ADDRESS: '', SYNGRAPH_CODEC_KEYS: environment.SYNGRAPH_CODEC_KEYS }, onProgress: () => undefined });
  const { client, close } = await connectClient(server);
  const gateway = createModelGateway({ environment: () => environment });
  const functions = createFunctionHost();
  const toolServers = createMcpConnections({ environment, workingDirectory: folder });
  const activities = createActivities({
    store, gateway, functions, toolServers, environment, workingDirectory: folder, taskRoots: [folder], workerName: 'test',
  });
  const worker = await createSyngraphWorker({ connection: server.connectionOptions, namespace: server.namespace, dataConverter: server.dataConverter, activities });
  const running = worker.run();
  return {
    client,
    store,
    folder,
    address: server.address,
    start: (workflowId, input) =>
      client.workflow.execute(WORKFLOW_TYPES.run, { workflowId, taskQueue: TASK_QUEUE, args: [input] }) as Promise<RunSummary>,
    async close() {
      worker.shutdown();
      await running;
      await close();
      await Promise.all([gateway.close(), functions.close(), toolServers.close()]);
      await server.release();
      await rm(dirname(storeFolder), { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
