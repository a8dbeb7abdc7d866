import { ChildWorkflowCancellationType, ParentClosePolicy, executeChild, workflowInfo } from '@temporalio/workflow';
import { WORKFLOW_TASK_TIMEOUT, WORKFLOW_TYPES, type RunSummary } from '../pipeline/run-contract.ts';
import { scheduledRunId, scheduledSeed, type ScheduledInput } from '../pipeline/schedule-contract.ts';
import type { pipeline } from './pipeline.ts';

/**
 * One due time of a schedule: runs the pipeline under an id and with a seed that follow from that
 * time. Waits for its end, so that the schedule's overlap policy holds for the run.
 */
export async function scheduled({ schedule, pipeline: name, timeZone, input }: ScheduledInput): Promise<RunSummary> {
  const at = dueTime();
  const run = scheduledRunId(schedule, at);
  return executeChild<typeof pipeline>(WORKFLOW_TYPES.run, {
    workflowId: `${name}/${run}`,
    args: [{ ...input, runId: run, seed: scheduledSeed(input.seed, at), scheduled: { at: at.toISOString(), timeZone } }],
    staticSummary: `${schedule}, due at ${at.toISOString()}`,
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
    searchAttributes: { SyngraphPipeline: [name], SyngraphRun: [run], SyngraphStatus: ['running'] },
  });
}

/** When it was due, which is not when it was started where the server was down; by hand, the start. */
function dueTime(): Date {
  const [due] = workflowInfo().searchAttributes.TemporalScheduledStartTime ?? [];
  return due instanceof Date ? due : workflowInfo().startTime;
}
