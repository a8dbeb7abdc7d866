import type { RunProgress } from '../../pipeline/run-contract.ts';
import { updateRun } from '../control/update-run.ts';
import type { CommandContext } from '../context.ts';
import { removePauseNote } from '../runs/pause-note.ts';
import { workflowIdOf } from '../runs/run-name.ts';

/** `syngraph resume RUN`: an open run that was paused, by somebody or by a fault that is mended, goes on. */
export async function execute(context: CommandContext, [run = '']: (string | undefined)[]): Promise<number> {
  const { store, terminal, isJson } = context;
  const { name, result } = await updateRun<RunProgress>(context, { run, update: 'resume', signal: 'proceed' });
  await removePauseNote(store, name);
  if (isJson) terminal.result(JSON.stringify({ runId: name.run, pipeline: name.pipeline, status: result === null ? 'waiting' : 'running' }));
  else terminal.tell(result === null ? `No worker serves ${workflowIdOf(name)}; it goes on once one does (syngraph up).` : `${workflowIdOf(name)} goes on.`);
  return 0;
}
