import type { CommandContext } from '../context.ts';
import { stopWorkerDaemon } from '../session/worker-daemon.ts';

/** `syngraph down`: drains the worker, then ends the embedded server. Runs in progress stay resumable. */
export async function execute(context: CommandContext): Promise<number> {
  const { terminal, isJson, storeFolder } = context;
  const { stopEmbeddedServer } = await import('../../worker/server/ensure-server.ts');
  const worker = await stopWorkerDaemon(storeFolder);
  const server = await stopEmbeddedServer(storeFolder);
  if (isJson) terminal.result(JSON.stringify({ workerStopped: worker, serverStopped: server }));
  else if (!worker && !server) terminal.tell('Nothing was running.');
  else terminal.tell(`Stopped ${[worker ? 'the worker' : '', server ? 'the Temporal server' : ''].filter((part) => part !== '').join(' and ')}.`);
  return 0;
}
