/** The public interface of the package. */
export type { Tool, ToolContext } from '../activities/functions/tool.ts';
export type * from '../pipeline/task-types.ts';
export { connectClient, type ConnectedClient } from './connect-client.ts';
export { createSyngraphWorker, DEFAULT_TASK_QUEUE, type CreateWorkerOptions, type SyngraphWorker, type WorkerSettings } from './create-worker.ts';
export { createLogger, type LoggerOptions } from './logger.ts';
export { installRuntime } from './install-runtime.ts';
export { failDeadAttempts, type FailDeadAttemptsOptions, type RevivedRun } from './revive-run.ts';
export { ensureServer, findServer, stopEmbeddedServer, type EnsureServerOptions } from './server/ensure-server.ts';
export type { ServerHandle } from './server/server-handle.ts';
export { SyngraphPlugin, type SyngraphPluginOptions } from './syngraph-plugin.ts';
export { isProcessAlive, parseWorkerIdentity, workerIdentity, type WorkerIdentity } from './worker-identity.ts';
