import { figure, type Figure } from '../harness/report.ts';
import { missingAndDoubled, sleep, until, withScene, readRun } from '../harness/scene.ts';
import { killServersOf } from '../harness/servers.ts';

const RECORDS = 2000;

/** kill -9 of the Temporal server at half way, then `--resume`. */
export async function serverKill(): Promise<Figure[]> {
  return withScene({ script: { latencyMilliseconds: 100 }, records: RECORDS }, async (scene) => {
    const command = scene.start('--run-id', 'orphan', '--concurrency', '100');
    await until(async () => ((await scene.endpoint.stats()).answered > RECORDS / 2 ? true : null), 'half of the run');
    killServersOf(scene.workspace.folder);
    const waited = await Promise.race([command.done.then(() => 'ended'), sleep(60_000).then(() => 'still waiting after 60 s')]);
    command.kill();
    const first = readRun(await command.done);
    const { calls } = await scene.endpoint.stats();
    const resumed = await scene.run('--run-id', 'orphan', '--resume', 'orphan');
    const { missing, doubled } = await missingAndDoubled(scene, RECORDS);
    const extra = (await scene.endpoint.stats()).calls - RECORDS;
    return [
      figure('the command whose server died', { measured: `${waited}, exit code ${first.exitCode}`, required: 'says so and ends', met: waited === 'ended' && first.exitCode === 1 }),
      figure('resumed: exit code, records missing / doubled', { measured: `${resumed.exitCode}, ${missing} / ${doubled}`, required: '0, 0 / 0', met: resumed.exitCode === 0 && missing === 0 && doubled === 0 }),
      figure('calls beyond the records', { measured: `${extra} (${calls} before)`, required: '≤ 100 in flight', met: extra <= 100 }),
    ];
  });
}
