import { join } from 'node:path';
import { connectClient } from '../../worker/connect-client.ts';
import { ensureServer } from '../../worker/server/ensure-server.ts';
import { figure, type Figure } from '../harness/report.ts';
import { withScene } from '../harness/scene.ts';

/** History events per record on the happy path, batch size 100. */
export async function events(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const records of [10_000, 100_000]) {
    figures.push(
      ...(await withScene({ script: {}, records }, async (scene) => {
        const server = await ensureServer({ storeFolder: join(scene.workspace.folder, '.syngraph'), environment: process.env, onProgress: () => undefined });
        const { client, close } = await connectClient(server);
        try {
          const run = await scene.run('--batch-size', '100', '--concurrency', '500', '--run-id', 'counted');
          if (run.exitCode !== 0) throw new Error(run.stderr);
          let total = 0;
          let root = 0;
          for await (const execution of client.workflow.list({ query: `SyngraphRun = 'counted'` })) {
            total += execution.historyLength;
            if (execution.type === 'pipeline') root = execution.historyLength;
          }
          return [
            figure(`${records} records: events a record`, { measured: `${(total / records).toFixed(3)} in ${run.seconds.toFixed(1)} s, peak ${run.peakMegabytes.toFixed(0)} MB`, required: '≤ 0.6', met: total / records <= 0.6 && total > 0 }),
            figure(`${records} records: events of the run workflow`, { measured: String(root), required: '< 1000', met: root < 1000 && root > 0 }),
          ];
        } finally {
          await close();
          await server.release();
        }
      })),
    );
  }
  return figures;
}
