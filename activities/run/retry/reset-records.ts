import { Context } from '@temporalio/activity';
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
import { runFolder } from '../run-files.ts';
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

/** How the retry is started that tries the records again: with the pipeline of the latest retry, or of the run. */
export async function beginRetry(store: Store, { run, ids }: RecordsOfRun): Promise<BegunRetry> {
  const failing = Object.keys(await retryFailures(store, { run, ids }));
  if (failing.length === 0) return { state: 'needless' };
  const { reference } = await endedRun(store, run);
  const latest = (await retriesOf(store, run)).at(-1)?.reference;
  if (latest !== undefined && (await store.size(`${runFolder(latest)}/summary.json`)) === null) return { state: 'busy' };
  const number = (retryOfRunId(latest?.run ?? '')?.number ?? 0) + 1;
  const runId = retryRunId(run.run, number);
  return {
    state: 'begin',
    workflowId: `${run.pipeline}/${runId}`,
    // The workflows that were reset show what still fails.
    input: { planHash: latest?.planHash ?? reference.planHash, runId, recordWorkflows: 0, retry: { ...run, ids: failing } },
  };
}

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
