import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ParentClosePolicy, condition, executeChild, getExternalWorkflowHandle, isCancellation, patched, setHandler, sleep } from '@temporalio/workflow';
import { WORKFLOW_TASK_TIMEOUT, WORKFLOW_TYPES, type BegunRetry, type MergeWorkflowInput, type ResetRecord, type RetryFailures, type RetryOutcome } from '../pipeline/run-contract.ts';
import { beating } from './activity-proxies.ts';
import type { pipeline } from './pipeline.ts';
import { resetSignal, retriedSignal } from './signals.ts';

/** Whoever resets many records does it one after the other: one retry is to try them all. */
const QUIET = '2 seconds';

/** Records of one retry: their ids stand in its input. */
const MOST_RECORDS = 1_000;

/** Wait for another retry of the run, in milliseconds. */
const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 10 * 60 * 1000;

/**
 * One per run, started by the first record of the run that is reset: gathers the records that are,
 * has them tried again together, which brings them into the output of the closed run, and tells
 * each what has become of it. Ends when nobody waits.
 */
export async function merge({ run }: MergeWorkflowInput): Promise<void> {
  const waiting: ResetRecord[] = [];
  setHandler(resetSignal, (record) => void waiting.push(record));
  do {
    await untilQuiet(waiting);
    const records = waiting.splice(0, MOST_RECORDS);
    const outcomes = await tryAgain(run, records.map(({ id }) => id));
    await Promise.all(records.map((record) => tell(record, outcomes)));
  } while (waiting.length > 0);
}

async function untilQuiet(waiting: ResetRecord[]): Promise<void> {
  for (let before = -1; before !== waiting.length && waiting.length < MOST_RECORDS; ) {
    before = waiting.length;
    await condition(() => waiting.length >= MOST_RECORDS, QUIET);
  }
}

interface Outcomes {
  retry: string | null;
  failures: RetryFailures;
}

async function tryAgain(run: MergeWorkflowInput['run'], ids: string[]): Promise<Outcomes> {
  try {
    const begun = await beginRetry(run, ids);
    if (begun === null) return { retry: null, failures: {} };
    const failure = await executeChild<typeof pipeline>(WORKFLOW_TYPES.run, {
      workflowId: begun.workflowId,
      args: [begun.input],
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
    }).then(
      () => null,
      (error: unknown) => ({ error }),
    );
    if (failure?.error instanceof WorkflowExecutionAlreadyStartedError) {
      // Another retry has taken the name first, and has not said so in the store yet.
      if (patched('wait-for-a-retry-that-begins')) await sleep(FIRST_WAIT);
      return await tryAgain(run, ids);
    }
    // Also one that was stopped has brought what it had finished into the output.
    const failures = await beating.retryFailures({ run, ids });
    const ended = failure === null ? '' : `; its retry did not come to its end: ${innermostMessage(failure.error)}`;
    return { retry: begun.workflowId, failures: mapped(failures, (one) => ({ ...one, message: one.message + ended })) };
  } catch (error) {
    if (isCancellation(error)) throw error;
    const message = `the record could not be tried again: ${innermostMessage(error)}`;
    return { retry: null, failures: Object.fromEntries(ids.map((id) => [id, { node: 'retry', code: 'USAGE', message, attempts: 0 }])) };
  }
}

/** Two retries of a run at a time would try the same records. null: none of the records fails any more. */
async function beginRetry(run: MergeWorkflowInput['run'], ids: string[]): Promise<Extract<BegunRetry, { state: 'begin' }> | null> {
  for (let wait = FIRST_WAIT; ; wait = Math.min(LONGEST_WAIT, 2 * wait)) {
    const begun = await beating.beginRetry({ run, ids });
    if (begun.state === 'begin') return begun;
    if (begun.state === 'needless') return null;
    await sleep(wait);
  }
}

async function tell({ id, workflowId, workflowRunId }: ResetRecord, { retry, failures }: Outcomes): Promise<void> {
  const outcome: RetryOutcome = { workflowRunId, retry, failure: failures[id] ?? null };
  try {
    await getExternalWorkflowHandle(workflowId, workflowRunId).signal(retriedSignal, outcome);
  } catch (error) {
    // It was terminated, or reset once more: then it has asked anew.
    if (isCancellation(error)) throw error;
  }
}

function mapped(failures: RetryFailures, change: (failure: RetryFailures[string]) => RetryFailures[string]): RetryFailures {
  return Object.fromEntries(Object.entries(failures).map(([id, failure]) => [id, change(failure)]));
}

function innermostMessage(error: unknown): string {
  let innermost = error;
  while (innermost instanceof Error && innermost.cause instanceof Error) innermost = innermost.cause;
  return innermost instanceof Error ? innermost.message : String(innermost);
}
