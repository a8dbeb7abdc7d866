import { Context } from '@temporalio/activity';
import { SyngraphError } from '../../../pipeline/errors.ts';
import {
  WORKFLOW_TYPES,
  mergeWorkflowId,
  type BegunRetry,
  type MergeWorkflowInput,
  type RecordsOfRun,
  type RequestRetryInput,
  type RetryFailures,
} from '../../../pipeline/run-contract.ts';
import { retryOfRunId, retryRunId } from '../../../pipeline/retry-contract.ts';
import type { Store } from '../../store/store.ts';
import { runFolder, type RunDescription } from '../run-files.ts';
import { assertRetriesKept, retryGone } from './assert-retries-kept.ts';
import { endedRun } from './describe-retry.ts';
import { retriesOf } from './retries-of-run.ts';
import { failedRecords } from './selected-records.ts';

/** Signals the `merge` workflow of the record's run, and starts it where it is not open. Resolves to what was requested, for whom. */
export async function requestRetry({ run, record }: RequestRetryInput): Promise<{ workflowRunId: string }> {
  const { client, info } = Context.current();
  const original = { pipeline: run.pipeline, run: retryOfRunId(run.run)?.run ?? run.run };
  const input: MergeWorkflowInput = { run: original };
  await client.workflow.signalWithStart(WORKFLOW_TYPES.merge, {
    workflowId: mergeWorkflowId(original),
    taskQueue: info.taskQueue,
    args: [input],
    signal: 'recordReset',
    signalArgs: [record],
    searchAttributes: { SyngraphPipeline: [original.pipeline], SyngraphRun: [original.run], SyngraphStatus: ['running'] },
    staticSummary: 'tries records again that were reset',
  });
  return { workflowRunId: record.workflowRunId };
}

/**
 * How the retry is started that tries the records again: with the pipeline of the latest retry, or of the run.
 * @throws SyngraphError where an earlier retry stands in the way, and will not go by itself
 */
export async function beginRetry(store: Store, { run, ids }: RecordsOfRun): Promise<BegunRetry> {
  await assertRetriesKept(store, run);
  const failing = Object.keys(await retryFailures(store, { run, ids }));
  if (failing.length === 0) return { state: 'needless' };
  const { reference } = await endedRun(store, run);
  const latest = (await retriesOf(store, run)).at(-1);
  if (latest !== undefined && !(await hasEnded(store, latest))) return { state: 'busy' };
  const number = (retryOfRunId(latest?.reference.run ?? '')?.number ?? 0) + 1;
  const runId = retryRunId(run.run, number);
  const workflowId = `${run.pipeline}/${runId}`;
  const state = await workflowState(workflowId);
  if (state === 'completed') throw retryGone(store, { ...run, run: runId });
  // Another one has taken the name, and has not said so in the store yet.
  if (state === 'open') return { state: 'busy' };
  return {
    state: 'begin',
    workflowId,
    // The workflows that were reset show what still fails.
    input: { planHash: latest?.reference.planHash ?? reference.planHash, runId, recordWorkflows: 0, retry: { ...run, ids: failing } },
  };
}

/** @throws SyngraphError RUN_EXISTS where nobody works on the retry any more */
async function hasEnded(store: Store, { reference, task, workflowId }: RunDescription): Promise<boolean> {
  const summary = `${runFolder(reference)}/summary.json`;
  if ((await store.size(summary)) !== null) return true;
  if ((await workflowState(workflowId)) === 'open') return false;
  // It may have ended between the two looks.
  if ((await store.size(summary)) !== null) return true;
  throw new SyngraphError({
    code: 'RUN_EXISTS',
    message: `the retry ${workflowId} was stopped before its end, and holds the records; go on with it (syngraph run ${task} --resume ${reference.run}), then reset them again`,
  });
}

/** `stopped`: closed without a result, or forgotten by the server. */
async function workflowState(workflowId: string): Promise<'open' | 'completed' | 'stopped'> {
  const { client } = Context.current();
  try {
    const { status } = await client.workflow.getHandle(workflowId).describe();
    if (status.name === 'COMPLETED') return 'completed';
    return STOPPED.has(status.name) ? 'stopped' : 'open';
  } catch (error) {
    if ((error as Error).name === 'WorkflowNotFoundError') return 'stopped';
    throw error;
  }
}

const STOPPED: ReadonlySet<string> = new Set(['FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT']);

/** How those of the records fail that still do. */
export async function retryFailures(store: Store, { run, ids }: RecordsOfRun): Promise<RetryFailures> {
  const wanted = new Set(ids);
  const failures: RetryFailures = {};
  for await (const { id, node, code, message, attempts } of failedRecords(store, run)) {
    if (wanted.has(id)) failures[id] = { node, code, message: message.slice(0, MOST_MESSAGE), attempts };
  }
  return failures;
}

/** Characters: the failures of many records go through one history. */
const MOST_MESSAGE = 300;
