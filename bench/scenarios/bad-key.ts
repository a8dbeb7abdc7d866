import { figure, type Figure } from '../harness/report.ts';
import { missingAndDoubled, readRun, until, withScene } from '../harness/scene.ts';

const RECORDS = 2000;

/** From the 500th call on the endpoint answers 401; then its key is mended and the run resumed. */
export async function badKey(): Promise<Figure[]> {
  return withScene({ script: { latencyMilliseconds: 50, failAfterCalls: { count: 500, status: 401 } }, records: RECORDS }, async (scene) => {
    const command = scene.start('--run-id', 'paused');
    await until(async () => ((await scene.endpoint.stats()).byStatus['401'] === undefined ? null : true), 'the first 401');
    const first401 = performance.now();
    const paused = readRun(await command.done);
    const seconds = (performance.now() - first401) / 1000;
    const names = /SYGRA_WRITER_TOKEN/.test(paused.stderr) && paused.stderr.includes(scene.endpoint.url.replace('/v1', ''));
    await scene.endpoint.control({ failAfterCalls: null });
    const resumed = await scene.run('--run-id', 'paused', '--resume', 'paused');
    const { missing, doubled } = await missingAndDoubled(scene, RECORDS);
    const { repeatedAnswers } = await scene.endpoint.stats();
    return [
      figure('status and seconds from the first 401 to the end of the command', { measured: `${paused.json?.status ?? 'none'}, ${seconds.toFixed(2)} s`, required: 'paused, ≤ 5 s', met: paused.json?.status === 'paused' && seconds <= 5 }),
      figure('names key and endpoint', { measured: names ? 'yes' : paused.stderr.slice(-300), required: 'yes', met: names }),
      figure('resumed: exit code, failed, missing / doubled, repeated', { measured: `${resumed.exitCode}, ${resumed.json?.counts.failed ?? '?'}, ${missing} / ${doubled}, ${repeatedAnswers}`, required: '0, 0, 0 / 0, 0', met: resumed.exitCode === 0 && missing + doubled + repeatedAnswers === 0 }),
    ];
  });
}
