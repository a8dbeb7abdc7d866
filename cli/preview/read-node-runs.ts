import type { Client } from '@temporalio/client';
import type { NodeResult, RunNodeInput } from '../../pipeline/run-contract.ts';

/** One node activity of a batch, and the result that Temporal accepted for it. */
export interface NodeRun {
  input: RunNodeInput;
  result: NodeResult;
}

/** Node activities of a batch in the order in which they were scheduled, from its workflow's history. */
export async function readNodeRuns(client: Client, batchWorkflowId: string): Promise<NodeRun[]> {
  const { defaultPayloadConverter } = await import('@temporalio/common');
  const { events } = await client.workflow.getHandle(batchWorkflowId).fetchHistory();
  const scheduled = new Map<string, RunNodeInput>();
  const runs: NodeRun[] = [];
  for (const event of events ?? []) {
    const start = event.activityTaskScheduledEventAttributes;
    const end = event.activityTaskCompletedEventAttributes;
    const argument = start?.input?.payloads?.[0];
    if (start?.activityType?.name === 'runNode' && argument) {
      scheduled.set(String(event.eventId), defaultPayloadConverter.fromPayload<RunNodeInput>(argument));
    }
    const input = scheduled.get(String(end?.scheduledEventId));
    const answer = end?.result?.payloads?.[0];
    if (input !== undefined && answer) runs.push({ input, result: defaultPayloadConverter.fromPayload<NodeResult>(answer) });
  }
  return runs.sort((left, right) => left.input.sequence - right.input.sequence);
}
