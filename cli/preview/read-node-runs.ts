import type { Client } from '@temporalio/client';
import type { NodeResult, RunNodeInput } from '../../pipeline/run-contract.ts';

/** One node activity of a run, and the result that Temporal accepted for it. */
export interface NodeRun {
  input: RunNodeInput;
  result: NodeResult;
}

interface TimedRun extends NodeRun {
  /** Nanoseconds since the epoch. */
  scheduledAt: bigint;
}

/**
 * Node activities of a small run in the order in which they were scheduled, from the histories of
 * its workflow and of all below it: ranges, batches, later phases, subgraphs.
 */
export async function readNodeRuns(client: Client, workflowId: string): Promise<NodeRun[]> {
  const runs = await readBelow(client, workflowId);
  return runs.sort((left, right) => Number(left.scheduledAt - right.scheduledAt) || left.input.sequence - right.input.sequence);
}

async function readBelow(client: Client, workflowId: string): Promise<TimedRun[]> {
  const { defaultPayloadConverter } = await import('@temporalio/common');
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const scheduled = new Map<string, Omit<TimedRun, 'result'>>();
  const runs: TimedRun[] = [];
  const children: string[] = [];
  for (const event of events ?? []) {
    const child = event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowId;
    if (child) children.push(child);
    const start = event.activityTaskScheduledEventAttributes;
    const end = event.activityTaskCompletedEventAttributes;
    const argument = start?.input?.payloads?.[0];
    if (start?.activityType?.name === 'runNode' && argument) {
      const { seconds = 0, nanos = 0 } = event.eventTime ?? {};
      const scheduledAt = BigInt(String(seconds ?? 0)) * 1_000_000_000n + BigInt(nanos ?? 0);
      scheduled.set(String(event.eventId), { scheduledAt, input: defaultPayloadConverter.fromPayload<RunNodeInput>(argument) });
    }
    const begun = scheduled.get(String(end?.scheduledEventId));
    const answer = end?.result?.payloads?.[0];
    if (begun !== undefined && answer) runs.push({ ...begun, result: defaultPayloadConverter.fromPayload<NodeResult>(answer) });
  }
  const below = await Promise.all(children.map((child) => readBelow(client, child)));
  return [...runs, ...below.flat()];
}
