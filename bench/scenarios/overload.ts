import { figure, type Figure } from '../harness/report.ts';
import { missingAndDoubled, withScene } from '../harness/scene.ts';

const RECORDS = 1000;

/** An endpoint that answers 429 above 100 calls in flight, asked with a concurrency of 500. */
export async function overload(): Promise<Figure[]> {
  return withScene({ script: { latencyMilliseconds: 100, maxInFlight: 100 }, records: RECORDS }, async (scene) => {
    const run = await scene.run('--concurrency', '500');
    const { byStatus } = await scene.endpoint.stats();
    const wasted = byStatus['429'] ?? 0;
    const { missing, doubled } = await missingAndDoubled(scene, RECORDS);
    return [
      figure('calls wasted', { measured: `${wasted} in ${run.seconds.toFixed(1)} s`, required: '< 200', met: wasted < 200 }),
      figure('exit code, missing / doubled', { measured: `${run.exitCode}, ${missing} / ${doubled}`, required: '0, 0 / 0', met: run.exitCode === 0 && missing + doubled === 0 }),
    ];
  });
}
