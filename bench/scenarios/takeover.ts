import { startCommand } from '../harness/command.ts';
import { processTree } from '../harness/processes.ts';
import { figure, type Figure } from '../harness/report.ts';
import { missingAndDoubled, readRun, sleep, until, withScene } from '../harness/scene.ts';
import { serversOf } from '../harness/servers.ts';

const RECORDS = 2000;

/** SIGSTOP of the worker for longer than its heartbeat timeout while a second one takes over, then SIGCONT. */
export async function takeover(): Promise<Figure[]> {
  return withScene({ script: { latencyMilliseconds: 300 }, records: RECORDS }, async (scene) => {
    const command = scene.start('--concurrency', '100');
    await until(async () => ((await scene.endpoint.stats()).answered > 200 ? true : null), 'a part of the run');
    const servers = serversOf(scene.workspace.folder);
    const ours = processTree(command.child.pid ?? 0).filter((pid) => !servers.includes(pid));
    for (const pid of ours) process.kill(pid, 'SIGSTOP');
    const second = startCommand(['worker'], scene.workspace);
    await sleep(30_000);
    for (const pid of ours) process.kill(pid, 'SIGCONT');
    const result = readRun(await command.done);
    second.child.kill('SIGTERM');
    await second.done;
    const { missing, doubled } = await missingAndDoubled(scene, RECORDS);
    const { calls } = await scene.endpoint.stats();
    return [
      figure('exit code, records missing / doubled', { measured: `${result.exitCode}, ${missing} / ${doubled}`, required: '0, 0 / 0', met: result.exitCode === 0 && missing === 0 && doubled === 0 }),
      figure('calls beyond the records, against 100 in flight at the stop', { measured: String(calls - RECORDS), required: '≤ 100', met: calls - RECORDS <= 100 }),
    ];
  });
}
