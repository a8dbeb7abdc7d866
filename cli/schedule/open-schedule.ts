import type { ScheduleDescription, ScheduleHandle } from '@temporalio/client';
import { SyngraphError } from '../../pipeline/errors.ts';
import { WORKFLOW_TYPES } from '../../pipeline/run-contract.ts';
import type { CommandContext } from '../context.ts';
import { openServer, type OpenServer } from '../session/open-server.ts';

/**
 * Does something with a schedule of ours.
 * @throws SyngraphError USAGE where there is none of that id
 */
export async function withSchedule<Result>(
  context: CommandContext,
  id: string,
  work: (handle: ScheduleHandle, description: ScheduleDescription) => Promise<Result>,
): Promise<Result> {
  const server = await openServer(context);
  try {
    const { ScheduleNotFoundError } = await import('@temporalio/client');
    const handle = server.client.schedule.getHandle(id);
    const description = await handle.describe().catch((error: unknown) => {
      if (error instanceof ScheduleNotFoundError) return null;
      throw error;
    });
    if (description === null || !isOurs(description)) throw await notFound(server, id);
    return await work(handle, description);
  } finally {
    await server.close();
  }
}

/** Schedules of other programs may lie on the same server. */
export function isOurs({ action }: { action?: { type: string; workflowType?: string } | undefined }): boolean {
  return action?.type === 'startWorkflow' && action.workflowType === WORKFLOW_TYPES.scheduled;
}

async function notFound({ client }: OpenServer, id: string): Promise<SyngraphError> {
  const names: string[] = [];
  for await (const schedule of client.schedule.list()) if (isOurs(schedule)) names.push(schedule.scheduleId);
  return new SyngraphError({
    code: 'USAGE',
    message: `there is no schedule ${JSON.stringify(id.slice(0, 100))}`,
    nextStep: names.length === 0 ? 'syngraph schedule create TASK --cron … makes one.' : `There are: ${names.join(', ')}.`,
  });
}
