import type { Client } from '@temporalio/client';
import { isProcessAlive } from './worker-identity.ts';

export interface FailDeadAttemptsOptions {
  client: Client;
  /** Values of SyngraphPipeline and SyngraphRun. Default: all runs. */
  pipeline?: string;
  run?: string;
  /** Looked at even where visibility does not list them yet, e.g. the root workflow. */
  workflowIds?: string[];
}

export interface RevivedRun {
  /** Open workflows of the run. */
  openWorkflows: number;
  /** Activity attempts that were failed because their process is gone. */
  failedAttempts: number;
}

/** Workflows looked at concurrently: enough to hide the round trips, few for a server on the same two cores. */
const CONCURRENCY = 16;

/** temporal.api.enums.v1.PendingActivityState: not with a worker. */
const SCHEDULED = 1;

/** grpc status NOT_FOUND: the attempt or the workflow has ended in between. */
const NOT_FOUND = 5;

/**
 * Wakes a run whose workers were killed: attempts whose process is provably gone are failed at
 * once, to be retried without delay, instead of after their heartbeat timeout; and workflows
 * leave the dead worker's sticky queue, on which their tasks would wait for 10 s. Attempts of
 * living workers are left alone.
 */
export async function failDeadAttempts(options: FailDeadAttemptsOptions): Promise<RevivedRun> {
  const ids = new Set(options.workflowIds);
  const { pipeline, run } = options;
  const ofPipeline = pipeline === undefined ? 'SyngraphPipeline IS NOT NULL' : `SyngraphPipeline = ${quote(pipeline)}`;
  const query = `${ofPipeline}${run === undefined ? '' : ` AND SyngraphRun = ${quote(run)}`} AND ExecutionStatus = 'Running'`;
  for await (const { workflowId } of options.client.workflow.list({ query })) ids.add(workflowId);
  const queue = [...ids];
  const revived: RevivedRun = { openWorkflows: 0, failedAttempts: 0 };
  const lane = async (): Promise<void> => {
    for (let workflowId = queue.pop(); workflowId !== undefined; workflowId = queue.pop()) {
      const id = workflowId;
      const failed = await ignoreNotFound(() => reviveWorkflow(options.client, id));
      if (failed === null) continue;
      revived.openWorkflows += 1;
      revived.failedAttempts += failed;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
  return revived;
}

/** Resolves to the number of attempts failed; null for a workflow that is closed. */
async function reviveWorkflow(client: Client, workflowId: string): Promise<number | null> {
  const { namespace } = client.options;
  const service = client.workflowService;
  const { raw, status } = await client.workflow.getHandle(workflowId).describe();
  if (status.name !== 'RUNNING') return null;
  const runId = raw.workflowExecutionInfo?.execution?.runId ?? '';
  const execution = { workflowId, runId };
  await service.resetStickyTaskQueue({ namespace, execution });
  let failed = 0;
  for (const { activityId, lastWorkerIdentity, state } of raw.pendingActivities ?? []) {
    // One that waits for its next attempt has no attempt to fail.
    if (Number(state) === SCHEDULED || !activityId || !lastWorkerIdentity || isProcessAlive(lastWorkerIdentity)) continue;
    const wasRunning = await ignoreNotFound(() =>
      service.respondActivityTaskFailedById({
        namespace,
        workflowId,
        runId,
        activityId,
        identity: lastWorkerIdentity,
        failure: {
          message: `worker ${lastWorkerIdentity} has died`,
          source: 'syngraph',
          // Without a delay of its own, the retry would wait for a backoff that grows with every death.
          applicationFailureInfo: { type: 'WorkerDied', nonRetryable: false, nextRetryDelay: { seconds: 0 as never, nanos: 1_000_000 } },
        },
      }),
    );
    if (wasRunning !== null) failed += 1;
  }
  return failed;
}

async function ignoreNotFound<Result>(call: () => Promise<Result>): Promise<Result | null> {
  try {
    return await call();
  } catch (error) {
    const code = (error as { code?: unknown; cause?: { code?: unknown } }).code ?? (error as { cause?: { code?: unknown } }).cause?.code;
    if (code === NOT_FOUND || (error instanceof Error && error.name === 'WorkflowNotFoundError')) return null;
    throw error;
  }
}

function quote(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
