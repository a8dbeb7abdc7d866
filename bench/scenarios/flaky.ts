import { figure, type Figure } from '../harness/report.ts';
import { missingAndDoubled, withScene } from '../harness/scene.ts';

const RECORDS = 10_000;

/** A fifth of the answers are 429, 500 or cut connections. */
export async function flaky(): Promise<Figure[]> {
  const script = { latencyMilliseconds: 100, retryAfterSeconds: 1 };
  const clean = await withScene({ script, records: RECORDS }, (scene) => scene.run('--concurrency', '500'));
  return withScene({ script: { ...script, failureRate: 0.2, failureWeights: { 429: 1, 500: 1, cut_connection: 1 } }, records: RECORDS }, async (scene) => {
    const run = await scene.run('--concurrency', '500');
    const { missing, doubled } = await missingAndDoubled(scene, RECORDS);
    const { repeatedAnswers, calls, byStatus } = await scene.endpoint.stats();
    const ratio = run.seconds / clean.seconds;
    return [
      figure('records missing / doubled', { measured: `${missing} / ${doubled} (exit code ${run.exitCode}; ${calls} calls, ${JSON.stringify(byStatus)})`, required: '0 / 0', met: missing === 0 && doubled === 0 && run.exitCode === 0 }),
      figure('answered calls repeated', { measured: String(repeatedAnswers), required: '0', met: repeatedAnswers === 0 }),
      figure('wall time against the clean run', { measured: `${ratio.toFixed(2)}× of ${clean.seconds.toFixed(1)} s`, required: '≤ 2.5×', met: ratio <= 2.5 }),
    ];
  });
}
