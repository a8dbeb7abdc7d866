import { figure, type Figure } from '../harness/report.ts';
import { until, withScene } from '../harness/scene.ts';

/** One record, no server running: time from the command's start to the first model call. */
export async function start(): Promise<Figure[]> {
  const seconds: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    await withScene({ script: {}, records: 1 }, async (scene) => {
      const command = scene.start();
      await until(async () => ((await scene.endpoint.stats()).calls > 0 ? true : null), 'the first call');
      seconds.push((performance.now() - command.startedAt) / 1000);
      const { exitCode, stderr } = await command.done;
      if (exitCode !== 0) throw new Error(stderr);
    });
  }
  const sorted = seconds.sort((left, right) => left - right);
  const median = sorted[2] ?? 0;
  const all = sorted.map((value) => value.toFixed(2)).join(', ');
  return [figure('first model call after the start of the command, median of 5', { measured: `${median.toFixed(2)} s (${all})`, required: '≤ 2 s', met: median <= 2 })];
}
