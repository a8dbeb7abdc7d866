import { userInfo } from 'node:os';
import type { RunProgress } from '../../pipeline/run-contract.ts';
import { updateRun } from '../control/update-run.ts';
import type { CommandContext } from '../context.ts';
import { workflowIdOf } from '../runs/run-name.ts';

/** `syngraph pause RUN`: calls in flight come back, new ones wait until `syngraph resume`. */
export async function execute(context: CommandContext, [run = '']: (string | undefined)[], { reason }: { reason?: string }): Promise<number> {
  const { terminal, isJson } = context;
  const argument = { by: userInfo().username, ...(reason === undefined ? {} : { reason }) };
  const { name, result } = await updateRun<RunProgress>(context, { run, update: 'pause', argument, signal: 'pause' });
  const message = result?.pause?.message ?? null;
  if (isJson) terminal.result(JSON.stringify({ runId: name.run, pipeline: name.pipeline, status: result === null ? 'waiting' : 'paused', pause: result?.pause ?? null }));
  else if (result === null) terminal.tell(`No worker serves ${workflowIdOf(name)}; it will be paused once one does.`);
  else terminal.tell(`${workflowIdOf(name)} is ${message ?? 'paused'}. Calls in flight come back; syngraph resume ${name.run} lets it go on.`);
  return 0;
}
