import type { DataConverter } from '@temporalio/common';
import { NativeConnection, Worker, type NativeConnectionOptions, type WorkerDeploymentOptions, type WorkerOptions } from '@temporalio/worker';
import { workerIdentity } from './worker-identity.ts';
import { encryptingWorkflowBundle, workflowBundle } from './workflow-bundle.ts';

/** Where Syngraph's workflows and activities are served unless something else is asked for. */
export const DEFAULT_TASK_QUEUE = 'syngraph';

/**
 * Node activities wait for models most of their time, and each holds a whole batch: slots cost
 * next to nothing, while a missing slot keeps a batch from the limiter.
 */
const ACTIVITY_SLOTS = 1000;

/** More than the batches that a run has open, so that none is replayed, at ~1 MB each when large. */
const CACHED_WORKFLOWS = 150;

/**
 * Tasks of a workflow go to the worker that has it in its cache; where that one was killed, they wait so
 * long. The default of 10 s is longer than a lease of a rate holds.
 */
const STICKY_WAIT = '4 seconds';

/**
 * Mistakes in workflow code that fail the workflow; anything else, a non-deterministic replay
 * above all, makes Temporal try the task again until a worker with mended code comes.
 * `Error` is not among them because it would cover non-determinism too.
 */
const FAILING_ERRORS = ['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'SyngraphError'];

export interface WorkerSettings {
  namespace: string;
  /** Default `syngraph`. */
  taskQueue?: string;
  /** Name to function, as `createActivities` makes them. */
  activities: object;
  /** Default `workerIdentity()`, which `failDeadAttempts` can tell dead from alive. */
  identity?: string;
  /** Default: the worker has no version. */
  deployment?: WorkerDeploymentOptions | null;
  /** Time that activities get to notice a shutdown before they are cancelled. Default 500. */
  shutdownGraceMilliseconds?: number;
  /** As `ensureServer` has it: what clients encrypt, workers must decrypt. */
  dataConverter?: DataConverter | undefined;
  /** Wins over everything above. */
  overrides?: Partial<WorkerOptions>;
}

export interface CreateWorkerOptions extends WorkerSettings {
  /** As `ensureServer` has them, or a connection that is shared; a shared one is the caller's to close. */
  connection: NativeConnection | NativeConnectionOptions;
}

export interface SyngraphWorker {
  worker: Worker;
  identity: string;
  taskQueue: string;
  /** Serves until `shutdown` is called; resolves when all is drained and closed. */
  run: () => Promise<void>;
  /** Tells it to stop taking tasks; `run` resolves then. May be called more than once. */
  shutdown: () => void;
}

/** A worker that serves pipelines on one task queue. */
export async function createSyngraphWorker(options: CreateWorkerOptions): Promise<SyngraphWorker> {
  const isShared = options.connection instanceof NativeConnection;
  const [connection, bundle] = await Promise.all([
    options.connection instanceof NativeConnection ? options.connection : NativeConnection.connect(options.connection),
    options.overrides?.workflowBundle ?? (options.dataConverter === undefined ? workflowBundle() : encryptingWorkflowBundle()),
  ]);
  const worker = await Worker.create({ connection, ...workerOptions(options), workflowBundle: bundle, ...options.overrides }).catch(
    async (error: unknown) => {
      if (!isShared) await connection.close();
      throw error;
    },
  );
  return {
    worker,
    identity: worker.options.identity,
    taskQueue: worker.options.taskQueue,
    run: async () => {
      try {
        await worker.run();
      } finally {
        if (!isShared) await connection.close();
      }
    },
    shutdown: () => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
    },
  };
}

/** What Syngraph sets on a worker of its own, without connection and bundle. */
export function workerOptions(settings: WorkerSettings): WorkerOptions {
  const { namespace, activities, taskQueue = DEFAULT_TASK_QUEUE, shutdownGraceMilliseconds = 500 } = settings;
  return {
    ...(settings.dataConverter === undefined ? {} : { dataConverter: settings.dataConverter }),
    namespace,
    taskQueue,
    activities,
    identity: settings.identity ?? workerIdentity(),
    reuseV8Context: true,
    maxCachedWorkflows: CACHED_WORKFLOWS,
    stickyQueueScheduleToStartTimeout: STICKY_WAIT,
    maxConcurrentActivityTaskExecutions: ACTIVITY_SLOTS,
    workflowFailureErrorTypes: { '*': FAILING_ERRORS },
    shutdownGraceTime: shutdownGraceMilliseconds,
    // A cancelled activity learns of it with its next heartbeat that is let through.
    maxHeartbeatThrottleInterval: '2 seconds',
    defaultHeartbeatThrottleInterval: '2 seconds',
    ...(settings.deployment ? { workerDeploymentOptions: settings.deployment } : {}),
  };
}
