import type { CommandContext } from '../context.ts';
import { openServer } from '../session/open-server.ts';
import { ensureWorkerDaemon } from '../session/worker-daemon.ts';

/** `syngraph up`: a server and a worker that stay. */
export async function execute(context: CommandContext): Promise<number> {
  const { terminal, isJson } = context;
  const { server, close } = await openServer(context, { persistent: true });
  try {
    const { daemon, started } = await ensureWorkerDaemon(context);
    if (isJson) terminal.result(JSON.stringify({ address: server.address, namespace: server.namespace, temporalUi: server.uiUrl, worker: daemon.pid, started }));
    else {
      terminal.tell(`Temporal server: ${server.address}${server.uiUrl === null ? '' : `, UI ${server.uiUrl}`}`);
      terminal.tell(`worker: process ${daemon.pid}${started ? '' : ', which was running already'}`);
      terminal.tell('syngraph down stops them.');
    }
    return 0;
  } finally {
    await close();
  }
}
