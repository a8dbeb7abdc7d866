import { CancellationScope, ChildWorkflowCancellationType, condition, isCancellation, patched, startChild } from '@temporalio/workflow';
import { WORKFLOW_TASK_TIMEOUT, WORKFLOW_TYPES, type PreparedRun, type RunSummary } from '../pipeline/run-contract.ts';
import { beating } from './activity-proxies.ts';
import type { pipeline } from './pipeline.ts';
import type { RunState } from './run-state.ts';
import { untilDone } from './with-pauses.ts';

/**
 * Tags what was written by a workflow of its own, which stays when this one is gone. Whoever pauses,
 * resumes or cancels the run means that workflow, too.
 * @param whole the scope of the run: what it has written stays when only its tagging is cancelled
 */
export async function tagQuality(run: PreparedRun, state: RunState, whole: CancellationScope): Promise<NonNullable<RunSummary['quality']>> {
  const { workflowId, input } = await untilDone(state, () => beating.prepareQuality({ run: run.reference }));
  const scope = new CancellationScope();
  const child = await scope.run(() =>
    startChild<typeof pipeline>(WORKFLOW_TYPES.quality, {
      workflowId,
      args: [input],
      cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
      workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
    }),
  );
  state.beginTagging(workflowId);
  let isOver = false;
  void condition(() => isOver || whole.consideredCancelled).then(() => {
    if (!isOver && patched('cancel-the-tagging')) scope.cancel();
  });
  try {
    const { status, output, counts } = await child.result();
    return { workflowId, output, status, counts };
  } catch (error) {
    if (whole.consideredCancelled && isCancellation(error)) return { workflowId, output: null, status: 'cancelled' };
    throw error;
  } finally {
    isOver = true;
    state.endTagging();
  }
}
