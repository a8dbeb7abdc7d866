import { SyngraphError } from '../../pipeline/errors.ts';
import type { CommandContext } from '../context.ts';
import { chooseRun } from '../runs/choose-run.ts';
import { listRunNames } from '../runs/list-run-names.ts';
import { workflowIdOf, type RunName } from '../runs/run-name.ts';
import { workflowFailure } from '../runs/workflow-failure.ts';
import { openServer } from '../session/open-server.ts';

/** Longer than a workflow task of a worker that is busy. */
const ANSWER_MILLISECONDS = 10_000;

export interface RunUpdate {
  /** As the user names the run. */
  run: string;
  /** Name of the update. */
  update: 'pause' | 'resume' | 'set';
  argument?: object;
  /** Signal that does the same without an answer, for a run that no worker serves. Absent: it is an error then. */
  signal?: 'pause' | 'proceed';
}

export interface UpdatedRun<Result> {
  name: RunName;
  /** null: no worker has answered, and the signal waits for one. */
  result: Result | null;
}

/**
 * Sends an update to the workflow of an open run.
 * @throws SyngraphError USAGE where the run is not open or refuses, SERVER_UNAVAILABLE where nobody answers
 */
export async function updateRun<Result>(context: CommandContext, { run, update, argument, signal }: RunUpdate): Promise<UpdatedRun<Result>> {
  const name = chooseRun(await listRunNames(context.store), run);
  const id = workflowIdOf(name);
  const { client, close } = await openServer(context);
  try {
    const { WorkflowNotFoundError, WorkflowUpdateFailedError } = await import('@temporalio/client');
    const handle = client.workflow.getHandle(id);
    const isOpen = await handle.describe().then(
      ({ status }) => status.name === 'RUNNING',
      (error: unknown) => {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      },
    );
    if (!isOpen) throw notOpen(name);
    const args: [object | undefined] = [argument];
    try {
      const asking = client.connection.withDeadline(Date.now() + ANSWER_MILLISECONDS, () => handle.executeUpdate<Result, [object | undefined]>(update, { args }));
      return { name, result: await asking };
    } catch (error) {
      if (error instanceof WorkflowUpdateFailedError) throw workflowFailure(error);
      if (!isTimeout(error)) throw error;
    }
    if (signal === undefined) throw nobodyServes(id);
    await handle.signal(signal, ...args);
    return { name, result: null };
  } finally {
    await close();
  }
}

/** What a deadline that has passed looks like, by the way the client found out. */
function isTimeout(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (/DEADLINE_EXCEEDED|CANCELLED|RPCTimeout|TimeoutOrCancelled/i.test(`${cause.name} ${cause.message}`)) return true;
  }
  return false;
}

function notOpen(name: RunName): SyngraphError {
  return new SyngraphError({
    code: 'USAGE',
    message: `the run ${workflowIdOf(name)} has ended, so nothing can be changed`,
    nextStep: `syngraph status ${name.run} shows how it ended; syngraph run TASK --resume ${name.run} goes on where records are unfinished.`,
  });
}

function nobodyServes(id: string): SyngraphError {
  return new SyngraphError({
    code: 'SERVER_UNAVAILABLE',
    message: `no worker serves the run ${id}, so nobody can change it`,
    nextStep: 'Start a worker by syngraph up, and ask again.',
  });
}
