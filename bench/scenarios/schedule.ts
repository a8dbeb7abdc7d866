import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../harness/command.ts';
import { figure, type Figure } from '../harness/report.ts';
import { sleep, until, withScene, type Scene } from '../harness/scene.ts';

const RECORDS = 20;
const DUE_RUNS = 4;
const WAIT_SECONDS = 60 * (DUE_RUNS + 2);

interface Described {
  recent: { due: string; run: string }[];
  running: number;
  missed: number;
  skipped: number;
}

/** A schedule that is due every minute; its worker is killed with a run under way, and comes back after the next one was due. */
export async function schedule(): Promise<Figure[]> {
  return withScene({ script: { latencyMilliseconds: 1000 }, records: RECORDS }, async (scene) => {
    const { workspace, endpoint } = scene;
    await command(scene, 'schedule', 'create', '.', '--cron', '* * * * *', '--id', 'minutely', '--overlap', 'buffer-all', '--concurrency', '5', '--output', 'night-{date}-{time}.jsonl', '--time-zone', 'UTC');
    try {
      await until(async () => ((await endpoint.stats()).answered > RECORDS + 5 ? true : null), 'the second run', WAIT_SECONDS);
      const worker = JSON.parse(readFileSync(join(workspace.folder, '.syngraph', 'worker.json'), 'utf8')) as { pid: number };
      process.kill(worker.pid, 'SIGKILL');
      await sleep(60_000);
      await command(scene, 'up');
      await until(async () => enough(await describe(scene)), 'the last run', WAIT_SECONDS);
      await command(scene, 'schedule', 'pause', 'minutely');
      const last = await describe(scene);
      const due = [...last.recent].sort((left, right) => left.due.localeCompare(right.due));
      const gaps = due.slice(1).filter(({ due: at }, index) => Date.parse(at) - Date.parse(due[index]?.due ?? '') !== 60_000).length;
      const pipeline = readdirSync(join(workspace.folder, '.syngraph', 'runs'))[0] ?? '';
      const countWhole = (): number => due.filter(({ run }) => rowsOf(scene, pipeline, run) === RECORDS).length;
      await until(() => (countWhole() === due.length ? true : null), 'the end of the last run', 60).catch(() => null);
      const runs = readdirSync(join(workspace.folder, '.syngraph', 'runs', pipeline));
      const whole = countWhole();
      const { calls } = await endpoint.stats();
      // The calls in flight when the worker died may be asked again.
      const most = runs.length * RECORDS + 5;
      return [
        figure('minutes that were due / runs / whole outputs', { measured: `${due.length} / ${runs.length} / ${whole}`, required: 'all equal', met: due.length === runs.length && whole === due.length && due.length >= DUE_RUNS }),
        figure('minutes left out, missed, or skipped', { measured: `${gaps}, ${last.missed}, ${last.skipped}`, required: '0, 0, 0', met: gaps + last.missed + last.skipped === 0 }),
        figure('calls, with 5 in flight at the kill', { measured: String(calls), required: `≤ ${most}`, met: calls <= most }),
      ];
    } finally {
      await command(scene, 'down');
    }
  });
}

function enough(described: Described): Described | null {
  return described.recent.length > DUE_RUNS && described.running === 0 ? described : null;
}

async function describe(scene: Scene): Promise<Described> {
  return JSON.parse(await command(scene, 'schedule', 'describe', 'minutely', '--json')) as Described;
}

async function command({ workspace }: Scene, ...words: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runCommand(words, workspace);
  if (exitCode !== 0) throw new Error(`syngraph ${words.join(' ')} ended with ${exitCode}: ${stderr}`);
  return stdout.trimEnd().split('\n').at(-1) ?? '';
}

function rowsOf({ workspace }: Scene, pipeline: string, run: string): number {
  const summary = join(workspace.folder, '.syngraph', 'runs', pipeline, run, 'summary.json');
  if (!existsSync(summary)) return 0;
  const { output } = JSON.parse(readFileSync(summary, 'utf8')) as { output: string };
  return readFileSync(output, 'utf8').trimEnd().split('\n').length;
}
