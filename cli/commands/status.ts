import type { CommandContext } from '../context.ts';
import { renderRunStatus } from '../render/run-status.ts';
import { chooseRun } from '../runs/choose-run.ts';
import { inspectRun } from '../runs/inspect-run.ts';
import { listRunNames } from '../runs/list-run-names.ts';
import { findOpenServer } from '../session/open-server.ts';

/** `syngraph status RUN`: how a run stands, with or without a worker, with or without a server. */
export async function execute(context: CommandContext, [asked]: (string | undefined)[]): Promise<number> {
  const { store, terminal, isJson } = context;
  const name = chooseRun(await listRunNames(store), asked ?? '');
  const server = await findOpenServer(context);
  try {
    const run = await inspectRun(store, { name, server });
    if (isJson) terminal.result(JSON.stringify(run));
    else for (const line of renderRunStatus(run, terminal.colours)) terminal.tell(line);
    return 0;
  } finally {
    await server?.close();
  }
}
