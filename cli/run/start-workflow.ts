import { createHash } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { SyngraphError } from '../../pipeline/errors.ts';
import { TASK_QUEUE, WORKFLOW_TASK_TIMEOUT, WORKFLOW_TYPES, type PipelineInput } from '../../pipeline/run-contract.ts';
import { workflowIdOf, type RunName } from '../runs/run-name.ts';

/**
 * Starts the root workflow under the run's own id.
 * @throws SyngraphError RUN_EXISTS where the server knows the id already, unless the run is resumed or joined
 */
export async function startWorkflow(options: {
  client: Client;
  name: RunName;
  input: PipelineInput;
  summary: string;
  /** A run of this id that is open is as good as a new one. */
  joins?: boolean;
  /** The id may be that of a workflow which has failed before it had begun. */
  triesAgain?: boolean;
  /** Default: `pipeline`. */
  workflowType?: string;
}): Promise<void> {
  const { client, name, input, summary, joins = false, triesAgain = false, workflowType = WORKFLOW_TYPES.run } = options;
  const { WorkflowExecutionAlreadyStartedError } = await import('@temporalio/client');
  try {
    await client.workflow.start(workflowType, {
      workflowId: workflowIdOf(name),
      taskQueue: TASK_QUEUE,
      args: [input],
      searchAttributes: { SyngraphPipeline: [name.pipeline], SyngraphRun: [name.run], SyngraphStatus: ['running'] },
      staticSummary: summary,
      // Inherited by everything that the run is made of. Where Temporal shares task queues by keys, each run is one.
      priority: { ...(input.priority === undefined ? {} : { priorityKey: input.priority }), fairnessKey: fairnessKey(workflowIdOf(name)) },
      workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
      workflowIdReusePolicy: input.resume === true || joins ? 'ALLOW_DUPLICATE' : triesAgain ? 'ALLOW_DUPLICATE_FAILED_ONLY' : 'REJECT_DUPLICATE',
      ...(joins ? { workflowIdConflictPolicy: 'USE_EXISTING' as const } : {}),
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) throw runExists(name);
    throw error;
  }
}

/** Temporal takes 64 bytes at most. */
function fairnessKey(workflowId: string): string {
  return Buffer.byteLength(workflowId) <= 64 ? workflowId : createHash('sha256').update(workflowId).digest('hex').slice(0, 32);
}

export function runExists(name: RunName): SyngraphError {
  return new SyngraphError({
    code: 'RUN_EXISTS',
    message: `the run ${workflowIdOf(name)} exists already`,
    nextStep: `Go on with it by --resume ${name.run}, or choose another --run-id.`,
    details: { pipeline: name.pipeline, run: name.run },
  });
}
