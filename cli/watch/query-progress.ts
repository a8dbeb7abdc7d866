import type { Client } from '@temporalio/client';
import type { RunProgress } from '../../pipeline/run-contract.ts';
import { workflowIdOf, type RunName } from '../runs/run-name.ts';

const DEADLINE_MILLISECONDS = 2_000;

/** The run's own view of itself; null where no worker answers in time: a query without a worker would hang. */
export async function queryProgress(client: Client, run: RunName, deadlineMilliseconds = DEADLINE_MILLISECONDS): Promise<RunProgress | null> {
  try {
    return await client.connection.withDeadline(Date.now() + deadlineMilliseconds, () =>
      client.workflow.getHandle(workflowIdOf(run)).query<RunProgress>('progress'),
    );
  } catch {
    // No worker yet, a first task that is not through, or a run that has just closed: the next look tells.
    return null;
  }
}
