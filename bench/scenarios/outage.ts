import { figure, type Figure } from '../harness/report.ts';
import { missingAndDoubled, readRun, until, withScene } from '../harness/scene.ts';

const RECORDS = 2000;

/** The endpoint refuses connections for 30 s in mid-run. */
export async function outage(): Promise<Figure[]> {
  return withScene({ script: { latencyMilliseconds: 100 }, records: RECORDS }, async (scene) => {
    const command = scene.start('--concurrency', '100');
    await until(async () => ((await scene.endpoint.stats()).answered > 500 ? true : null), 'a part of the run');
    await scene.endpoint.control({ refuseConnectionsForMilliseconds: 30_000 });
    const result = readRun(await command.done);
    const { missing, doubled } = await missingAndDoubled(scene, RECORDS);
    const { repeatedAnswers } = await scene.endpoint.stats();
    return [
      figure('exit code, failed, missing / doubled, answered calls repeated', { measured: `${result.exitCode}, ${result.json?.counts.failed ?? '?'}, ${missing} / ${doubled}, ${repeatedAnswers}; ${result.seconds.toFixed(1)} s`, required: '0, 0, 0 / 0, 0', met: result.exitCode === 0 && missing + doubled + repeatedAnswers === 0 }),
    ];
  });
}
