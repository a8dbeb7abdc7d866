import type { CommandContext } from '../context.ts';
import { chooseRun } from '../runs/choose-run.ts';
import { listRunNames } from '../runs/list-run-names.ts';
import { removePauseNote } from '../runs/pause-note.ts';
import { workflowIdOf } from '../runs/run-name.ts';
import { openServer } from '../session/open-server.ts';
import { readWorkerDaemon } from '../session/worker-daemon.ts';

/** `syngraph cancel RUN`: asks the run to stop; its worker writes what is finished. */
export async function execute(context: CommandContext, [asked]: (string | undefined)[]): Promise<number> {
  const { store, terminal, isJson } = context;
  const name = chooseRun(await listRunNames(store), asked ?? '');
  const id = workflowIdOf(name);
  const { client, close } = await openServer(context);
  try {
    const { WorkflowNotFoundError } = await import('@temporalio/client');
    const handle = client.workflow.getHandle(id);
    const status = await handle.describe().then(
      (description) => description.status.name,
      (error: unknown) => {
        if (error instanceof WorkflowNotFoundError) return 'NOT_FOUND';
        throw error;
      },
    );
    const isOpen = status === 'RUNNING';
    if (isOpen) await handle.cancel();
    if (isOpen) await removePauseNote(store, name);
    if (isJson) terminal.result(JSON.stringify({ runId: name.run, pipeline: name.pipeline, cancelRequested: isOpen }));
    else terminal.tell(isOpen ? await whatNext(context, id) : `${id} is not running; there is nothing to cancel.`);
    return 0;
  } finally {
    await close();
  }
}

async function whatNext({ storeFolder }: CommandContext, id: string): Promise<string> {
  const hasWorker = (await readWorkerDaemon(storeFolder)) !== null;
  return `${id} is being cancelled; what is finished is written to its output${hasWorker ? '.' : ' as soon as a worker serves it (syngraph up, or the command that runs it).'}`;
}
