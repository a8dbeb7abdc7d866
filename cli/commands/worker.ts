import { resolve } from 'node:path';
import { isS3Address } from '../../activities/store/s3/s3-address.ts';
import type { CommandContext } from '../context.ts';
import { openServer } from '../session/open-server.ts';
import { serve } from '../session/serve.ts';
import { listenForStop } from '../session/stop-signals.ts';
import { announceWorkerDaemon, retractWorkerDaemon } from '../session/worker-daemon.ts';

/** `syngraph worker`: serves until SIGTERM or Ctrl-C, then drains. A second signal leaves at once. */
export async function execute(context: CommandContext, _positionals: (string | undefined)[], options: { taskRoot?: string[]; daemon?: boolean; metricsPort?: number; metricsHost?: string }): Promise<number> {
  const { terminal, workingDirectory, storeFolder, store } = context;
  const signals = listenForStop();
  const { server, client, close } = await openServer(context);
  try {
    const taskRoots = (options.taskRoot ?? ['.']).map((root) => resolve(workingDirectory, root));
    const metricsAddress = options.metricsPort === undefined ? undefined : `${options.metricsHost ?? '127.0.0.1'}:${options.metricsPort}`;
    const serving = await serve(context, { server, client, taskRoots, metricsAddress });
    if (options.daemon === true) await announceWorkerDaemon(storeFolder);
    terminal.tell(`Serving pipelines of ${store.location} on ${server.address}, namespace ${server.namespace}.`);
    if (server.isEmbedded && isS3Address(store.location)) terminal.note('This Temporal server is for this machine alone; workers of other machines need TEMPORAL_ADDRESS, here and there.');
    if (metricsAddress !== undefined) terminal.tell(`Metrics are at http://${metricsAddress}/metrics.`);
    terminal.tell(`Tasks by path may come from ${taskRoots.join(', ')}. Ctrl-C ends it.`);
    await Promise.race([serving.ended, signals.first]);
    const stopped = serving.stop();
    await Promise.race([stopped, signals.second]);
    // A worker that broke down must be seen to have broken down.
    await Promise.race([serving.ended, signals.second]);
    return 0;
  } finally {
    if (options.daemon === true) await retractWorkerDaemon(storeFolder);
    await close();
    signals.dispose();
  }
}
