import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { ServerHandle } from '../../worker/server/server-handle.ts';
import type { FollowedRun } from '../../worker/traces/create-traces.ts';
import type { CommandContext } from '../context.ts';

/** A worker that serves in this process. */
export interface Serving {
  /** Rejects when the worker breaks down; resolves after `stop`. */
  ended: Promise<void>;
  /** For the traces, where they are on: this process has followed a run. */
  runFollowed(run: FollowedRun): void;
  /** Drains and closes everything. May be called more than once. */
  stop(): Promise<void>;
}

/**
 * Starts a worker of the store in this process.
 * @param settings.taskRoots folders whose tasks may be run by path
 * @param settings.metricsAddress host:port on which Prometheus finds metrics. Default: none are kept
 * @param settings.graceMilliseconds time in which work goes on after `stop`, before it is handed to others. Default 500
 */
export async function serve(context: CommandContext, settings: { server: ServerHandle; client: Client; taskRoots: string[]; graceMilliseconds?: number; metricsAddress?: string | undefined }): Promise<Serving> {
  const { server, client, taskRoots, graceMilliseconds, metricsAddress } = settings;
  const { createSyngraphWorker, installRuntime, runtimeMeter, createLogger, createActivities, createModelGateway, createFunctionHost, createMcpConnections, workerIdentity, deploymentVersion, openWorkerRegistry, traceSettings, joinMeters, watchWorkers, createJoinRate, cacheFolder } = await loadServing();
  const { storeFolder, environment, store, workingDirectory, terminal } = context;
  const logger = createLogger({ storeFolder, environment, onWarning: (line) => terminal.warn(line) });
  installRuntime(logger, { metricsAddress });
  const functions = createFunctionHost({ environment, onOutput: ({ stream, text }) => void logger.info(text, { stream }) });
  const toolServers = createMcpConnections({ environment, workingDirectory });
  const identity = workerIdentity();
  const models = createModelGateway({ environment: context.currentEnvironment, joinRate: createJoinRate({ client, identity, logger }) });
  const metrics = metricsAddress === undefined ? null : (await import('../../worker/metrics/create-metrics.ts')).createMetrics(runtimeMeter(), models);
  const metered = metrics?.gateway ?? models;
  const tracing = traceSettings(environment);
  const traces = tracing === null ? null : (await import('../../worker/traces/create-traces.ts')).createTraces(tracing, { gateway: metered, logger });
  const gateway = traces?.gateway ?? metered;
  const deployment = deploymentVersion(environment);
  const activities = createActivities({
    store,
    gateway,
    functions,
    toolServers,
    environment,
    workingDirectory,
    taskRoots,
    meter: joinMeters([metrics?.activities, traces?.activities]),
    workerName: identity.replace(/^syngraph:/, '').replaceAll(/[^A-Za-z0-9._~-]/g, '-'),
  });
  const worker = await createSyngraphWorker({ connection: server.connectionOptions, namespace: server.namespace, dataConverter: server.dataConverter, identity, activities, deployment, ...(traces === null ? {} : { overrides: { interceptors: traces.interceptors } }), ...(graceMilliseconds === undefined ? {} : { shutdownGraceMilliseconds: graceMilliseconds }) });
  const registry = openWorkerRegistry(join(cacheFolder(environment), 'workers'), `${server.address}/${server.namespace}`);
  const watch = await watchWorkers({ registry, identity, client, logger });
  const ended = worker.run();
  // Whoever waits for the run hears of it through `ended`; without a listener the process would die with a stack trace.
  ended.catch(() => undefined);
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    worker.shutdown();
    await ended.catch(() => undefined);
    metrics?.close();
    await Promise.all([watch.stop(), gateway.close(), functions.close(), toolServers.close(), traces?.close()]);
    await logger.close();
  };
  return { ended, runFollowed: (run) => traces?.runFollowed(run), stop: () => (stopping ??= stop()) };
}

/** Loads what a worker is made of, which takes longer than anything else at the start; worth doing while something is waited for. */
// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- the modules' own types
export async function loadServing() {
  const [worker, runtime, logger, activities, gateway, functions, toolServers, identity, deployment, registry, watch, joinRate, cache, traceSettings, meters] = await Promise.all([
    import('../../worker/create-worker.ts'),
    import('../../worker/install-runtime.ts'),
    import('../../worker/logger.ts'),
    import('../../activities/create-activities.ts'),
    import('../../activities/models/create-model-gateway.ts'),
    import('../../activities/functions/create-function-host.ts'),
    import('../../activities/nodes/tools/mcp/mcp-connections.ts'),
    import('../../worker/worker-identity.ts'),
    import('../../worker/deployment-version.ts'),
    import('../../worker/worker-registry.ts'),
    import('../../worker/watch-workers.ts'),
    import('../../worker/join-rate.ts'),
    import('../../activities/cache/cache-folder.ts'),
    import('../../worker/traces/trace-settings.ts'),
    import('../../worker/join-meters.ts'),
  ]);
  return { ...worker, ...runtime, ...logger, ...activities, ...gateway, ...functions, ...toolServers, ...identity, ...deployment, ...registry, ...watch, ...joinRate, ...cache, ...traceSettings, ...meters };
}
