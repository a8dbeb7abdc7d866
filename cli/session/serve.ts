import { hostname } from 'node:os';
import type { ServerHandle } from '../../worker/server/server-handle.ts';
import type { CommandContext } from '../context.ts';

/** A worker that serves in this process. */
export interface Serving {
  /** Rejects when the worker breaks down; resolves after `stop`. */
  ended: Promise<void>;
  /** Drains and closes everything. May be called more than once. */
  stop(): Promise<void>;
}

/**
 * Starts a worker of the store in this process.
 * @param taskRoots folders whose tasks may be run by path
 */
export async function serve(context: CommandContext, { server, taskRoots }: { server: ServerHandle; taskRoots: string[] }): Promise<Serving> {
  const { createSyngraphWorker, installRuntime, createLogger, createActivities, createModelGateway, createFunctionHost, createMcpConnections, ownProcess } = await loadServing();
  const { storeFolder, environment, store, workingDirectory, terminal } = context;
  const logger = createLogger({ storeFolder, environment, onWarning: (line) => terminal.warn(line) });
  installRuntime(logger);
  const gateway = createModelGateway({ environment: context.currentEnvironment });
  const functions = createFunctionHost({ environment, onOutput: ({ stream, text }) => void logger.info(text, { stream }) });
  const toolServers = createMcpConnections({ environment, workingDirectory });
  const { pid, startTime } = ownProcess();
  const activities = createActivities({
    store,
    gateway,
    functions,
    toolServers,
    environment,
    workingDirectory,
    taskRoots,
    workerName: `${hostname()}-${pid}-${startTime}`.replaceAll(/[^A-Za-z0-9._-]/g, '_'),
  });
  const worker = await createSyngraphWorker({ connection: server.connectionOptions, namespace: server.namespace, activities });
  const ended = worker.run();
  // Whoever waits for the run hears of it through `ended`; without a listener the process would die with a stack trace.
  ended.catch(() => undefined);
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    worker.shutdown();
    await ended.catch(() => undefined);
    await Promise.all([gateway.close(), functions.close(), toolServers.close()]);
    await logger.close();
  };
  return { ended, stop: () => (stopping ??= stop()) };
}

/** Loads what a worker is made of, which takes longer than anything else at the start; worth doing while something is waited for. */
// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- the modules' own types
export async function loadServing() {
  const [worker, runtime, logger, activities, gateway, functions, toolServers, identity] = await Promise.all([
    import('../../worker/create-worker.ts'),
    import('../../worker/install-runtime.ts'),
    import('../../worker/logger.ts'),
    import('../../activities/create-activities.ts'),
    import('../../activities/models/create-model-gateway.ts'),
    import('../../activities/functions/create-function-host.ts'),
    import('../../activities/nodes/tools/mcp/mcp-connections.ts'),
    import('../../activities/cache/process-identity.ts'),
  ]);
  return { ...worker, ...runtime, ...logger, ...activities, ...gateway, ...functions, ...toolServers, ...identity };
}
