import { ApplicationFailure, condition, isCancellation, setCurrentDetails, setHandler, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { describeFailedRecord } from '../pipeline/describe-failed-record.ts';
import type { RecordInput, RetryOutcome } from '../pipeline/run-contract.ts';
import { beating, showing } from './activity-proxies.ts';
import { retriedSignal } from './signals.ts';

/**
 * Stands for one failed record: its input shows the record in the Temporal UI, and its activity
 * fails with the stored error, so that the list of failed workflows is the list of failed records.
 * One that was reset has the record tried again and ends as that did.
 */
export async function record(input: RecordInput): Promise<void> {
  const { failed } = input;
  const details = describeFailedRecord(failed);
  setCurrentDetails(details);
  try {
    await showing.showFailure(input);
  } catch (error) {
    if (isCancellation(error) || !wasReset()) throw error;
  }
  const { retry, failure } = await triedAgain(input);
  const by = retry === null ? 'It had been tried again before' : `Tried again by \`${retry}\``;
  if (failure === null) {
    setCurrentDetails(`${by}: it fails no more, and the output of the run is up to date. It had failed with:\n\n${details}`);
    upsertSearchAttributes({ SyngraphStatus: ['done'] });
    return;
  }
  const { node, code, message, attempts } = failure;
  setCurrentDetails(`${by}: it still fails, with **${code}** in node \`${node}\`: ${message}\n\nBefore:\n\n${details}`);
  upsertSearchAttributes({ SyngraphNode: [node], SyngraphError: [code] });
  throw ApplicationFailure.nonRetryable(`${node}: ${message} (${attempts} attempts)`, code);
}

/** A reset gives an execution another id than the first one of the workflow has. */
function wasReset(): boolean {
  const { runId, firstExecutionRunId } = workflowInfo();
  return runId !== firstExecutionRunId;
}

/** Hands the record to the run's `merge` workflow, and waits until that tells what has become of it. */
async function triedAgain({ run, failed }: RecordInput): Promise<RetryOutcome> {
  const { workflowId, runId } = workflowInfo();
  let outcome: RetryOutcome | null = null;
  setHandler(retriedSignal, (told) => {
    // A reset brings the signals to the execution before it along.
    if (told.workflowRunId === runId) outcome = told;
  });
  // So it does with the results of activities: what was requested for another execution is requested again.
  for (;;) {
    const requested = await beating.requestRetry({ run, record: { id: failed.id, workflowId, workflowRunId: runId } });
    if (requested.workflowRunId === runId) break;
  }
  await condition(() => outcome !== null);
  return outcome as unknown as RetryOutcome;
}
