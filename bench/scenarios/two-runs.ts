import { join } from 'node:path';
import { ensureServer } from '../../worker/server/ensure-server.ts';
import { startCommand, type RunningCommand } from '../harness/command.ts';
import { figure, type Figure } from '../harness/report.ts';
import { readRun, until, withScene, type Scene } from '../harness/scene.ts';

const LARGE = 10_000;
const SMALL = 50;
const LATENCY_MILLISECONDS = 500;
const TIMES = 3;

/**
 * A run of 10,000 records is under way when one of 50 starts: once with one worker for both, once as
 * two commands in two terminals, each with a worker of its own, on one server.
 */
export async function twoRuns({ records = LARGE }: { records?: number } = {}): Promise<Figure[]> {
  return [...(await play(records, { sharesWorker: true })), ...(await play(records, { sharesWorker: false }))];
}

async function play(records: number, { sharesWorker }: { sharesWorker: boolean }): Promise<Figure[]> {
  return withScene({ script: { latencyMilliseconds: LATENCY_MILLISECONDS }, records }, async (scene) => {
    const server = await ensureServer({ storeFolder: join(scene.workspace.folder, '.syngraph'), environment: process.env, onProgress: () => undefined });
    const worker = sharesWorker ? await startWorker(scene) : null;
    const flags = ['--fresh', ...(sharesWorker ? ['--no-worker'] : [])];
    try {
      const before = await timesOfSmall(scene, flags, 'before');
      const callsBefore = (await scene.endpoint.stats()).calls;
      const large = scene.start('--output', 'large.jsonl', ...flags);
      let isOver = false;
      void large.done.then(() => (isOver = true));
      await until(async () => ((await scene.endpoint.stats()).calls > callsBefore + records / 20 ? true : null), 'the large run to be under way');
      const beside = await timesOfSmall(scene, flags, 'beside');
      const wasBeside = !isOver;
      const result = readRun(await large.done);
      // Alone on both sides: what else the machine does in the meantime is in both.
      const alone = [...before, ...(await timesOfSmall(scene, flags, 'after'))];
      const ratio = median(beside) / median(alone);
      const how = sharesWorker ? 'one worker for both' : 'two commands, a worker each';
      const rows = (await scene.workspace.lines('large.jsonl')).length;
      return [
        figure(`${SMALL} records alone, beside ${records}: ${how} (medians of ${alone.length}, ${TIMES})`, { measured: `${median(alone).toFixed(2)} s, ${median(beside).toFixed(2)} s (${ratio.toFixed(2)}×; ${beside.map((seconds) => seconds.toFixed(2)).join(', ')})`, required: '≤ 2×', met: ratio <= 2 && wasBeside }),
        figure('the large run: exit code, rows, time', { measured: `${result.exitCode}, ${rows}, ${result.seconds.toFixed(0)} s`, required: `0, ${records}`, met: result.exitCode === 0 && rows === records }),
      ];
    } finally {
      worker?.child.kill('SIGTERM');
      await worker?.done;
      await server.release();
    }
  });
}

async function startWorker(scene: Scene): Promise<RunningCommand> {
  const command = startCommand(['worker'], scene.workspace);
  let text = '';
  command.child.stdout?.on('data', (chunk: string) => (text += chunk));
  await until(() => (text.includes('Serving') ? true : null), 'a worker to serve');
  return command;
}

async function timesOfSmall(scene: Scene, flags: string[], name: string): Promise<number[]> {
  const times: number[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    const run = await scene.run('-n', String(SMALL), '--output', `${name}-${time}.jsonl`, ...flags);
    if (run.exitCode !== 0) throw new Error(`a small run ended with ${run.exitCode}: ${run.stderr}`);
    times.push(run.seconds);
  }
  return times;
}

function median(times: number[]): number {
  return [...times].sort((left, right) => left - right)[Math.floor(times.length / 2)] ?? 0;
}
