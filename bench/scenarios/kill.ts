import { readdirSync } from 'node:fs';
import { figure, type Figure } from '../harness/report.ts';
import { missingAndDoubled, readRun, sleep, until, withScene, type Scene } from '../harness/scene.ts';

const RECORDS = 2000;
const SCRIPT = { latencyMilliseconds: [40, 120] as [number, number] };
const FLAGS = ['--run-id', 'killed', '--concurrency', '200'];

interface Killed {
  missing: number;
  doubled: number;
  sameBytes: boolean;
  extraCalls: number;
  inFlight: number;
  secondsToFirstCall: number | null;
}

/** kill -9 of all our processes at random moments, one of them in the merge; then `--resume`. */
export async function kill(): Promise<Figure[]> {
  const reference = await withScene({ script: SCRIPT, records: RECORDS }, async (scene) => {
    const run = await scene.run(...FLAGS);
    if (run.exitCode !== 0) throw new Error(run.stderr);
    return { lines: await scene.workspace.lines('out.jsonl'), seconds: run.seconds };
  });
  const rounds: Killed[] = [];
  for (let round = 0; round < 10; round += 1) {
    const moment = round === 9 ? 'merge' : (0.1 + Math.random() * 0.85) * reference.seconds;
    rounds.push(await withScene({ script: SCRIPT, records: RECORDS }, (scene) => killedRun(scene, moment, reference.lines)));
  }
  const worst = (read: (round: Killed) => number): number => Math.max(...rounds.map(read));
  const slowest = worst((round) => round.secondsToFirstCall ?? 0);
  return [
    figure('records missing / doubled in the worst of 10', { measured: `${worst((round) => round.missing)} / ${worst((round) => round.doubled)}`, required: '0 / 0', met: rounds.every((round) => round.missing === 0 && round.doubled === 0) }),
    figure('output equal to an uninterrupted run, of 10', { measured: String(rounds.filter((round) => round.sameBytes).length), required: '10', met: rounds.every((round) => round.sameBytes) }),
    figure('calls beyond the records, against those in flight at the kill', { measured: rounds.map((round) => `${round.extraCalls}/${round.inFlight}`).join(' '), required: 'never more', met: rounds.every((round) => round.extraCalls <= round.inFlight) }),
    figure('first new call after --resume, slowest', { measured: `${slowest.toFixed(2)} s`, required: '≤ 5 s', met: slowest <= 5 }),
  ];
}

async function killedRun(scene: Scene, moment: number | 'merge', reference: string[]): Promise<Killed> {
  const command = scene.start(...FLAGS);
  if (moment === 'merge') {
    await until(() => (readdirSync(scene.workspace.folder).some((name) => name.startsWith('out.jsonl')) ? true : null), 'the merge');
  } else await sleep(moment * 1000);
  const { inFlight, calls } = await scene.endpoint.stats();
  command.kill();
  await command.done;
  await until(async () => ((await scene.endpoint.stats()).inFlight === 0 ? true : null), 'the endpoint to be idle');
  const atKill = (await scene.endpoint.stats()).calls;
  const resumed = scene.start(...FLAGS, '--resume', 'killed');
  let secondsToFirstCall: number | null = null;
  const watch = (async () => {
    while (resumed.child.exitCode === null) {
      if ((await scene.endpoint.stats()).calls > atKill) {
        secondsToFirstCall ??= (performance.now() - resumed.startedAt) / 1000;
        return;
      }
      await sleep(10);
    }
  })();
  const result = readRun(await resumed.done);
  await watch;
  if (result.exitCode !== 0) throw new Error(`resuming after a kill at ${String(moment)} (${calls} calls) ended with ${result.exitCode}: ${result.stderr}`);
  const after = await scene.endpoint.stats();
  return {
    ...(await missingAndDoubled(scene, RECORDS)),
    sameBytes: (await scene.workspace.lines('out.jsonl')).join('\n') === reference.join('\n'),
    extraCalls: after.calls - RECORDS,
    // Between asking how many were in flight and the kill a few more have started.
    inFlight: Math.max(inFlight, 0) + (atKill - calls),
    secondsToFirstCall,
  };
}
