import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { plantRecords } from '../../test/quality/planted-records.ts';
import { startCommand, type CommandResult, type RunningCommand } from '../harness/command.ts';
import { journaledCalls } from '../harness/journaled-calls.ts';
import { figure, type Figure } from '../harness/report.ts';
import { sleep, until, withScene, type Scene } from '../harness/scene.ts';

const RECORDS = 1_000;
const ROUNDS = { heuristics: 3, judge: 5 };
const SCRIPT = { latencyMilliseconds: [40, 120] as [number, number] };
const OUTPUTS = ['tagged.jsonl', 'tagged.rejected.jsonl'];
const FLAGS = ['quality', 'conversations.jsonl', '--judge', 'writer', '--output', 'tagged.jsonl', '--run-id', 'killed', '--concurrency', '100', '--json'];

type Stage = keyof typeof ROUNDS;

interface Reference {
  lines: string[];
  calls: number;
  /** From the staged source to the first call of a judge. */
  secondsOfHeuristics: number;
}

interface Killed {
  stage: Stage;
  callsAtKill: number;
  sameBytes: boolean;
  extraCalls: number;
  /** At the endpoint. */
  inFlight: number;
  /** Calls whose answers are not in the journal: those in flight, and answers on their way to it. */
  unfinished: number;
}

/** kill -9 of all our processes while rules look at conversations, and while judges are asked; then `--resume`. */
export async function qualityKill(): Promise<Figure[]> {
  const records = await plantRecords(RECORDS);
  const files = { 'conversations.jsonl': records.map(({ row }) => `${JSON.stringify(row)}\n`).join('') };
  const inScene = <Result>(play: (scene: Scene) => Promise<Result>): Promise<Result> => withScene({ script: SCRIPT, records: 0, files }, play);
  const reference = await inScene(referenceRun);
  const rounds: Killed[] = [];
  for (const [stage, count] of Object.entries(ROUNDS) as [Stage, number][]) {
    for (let round = 0; round < count; round += 1) rounds.push(await inScene((scene) => killedRun(scene, stage, reference)));
  }
  const early = rounds.filter(({ stage }) => stage === 'heuristics');
  return [
    figure(`judge calls of ${RECORDS} conversations, of which ${reference.lines.length} rows come out`, { measured: String(reference.calls), required: '-', met: true }),
    figure(`kills during the rules, before the first judge call, of ${early.length}`, { measured: String(early.filter(({ callsAtKill }) => callsAtKill === 0).length), required: '≥ 1', met: early.some(({ callsAtKill }) => callsAtKill === 0) }),
    figure(`accepted and rejected records equal to an uninterrupted run, of ${rounds.length}`, { measured: String(rounds.filter(({ sameBytes }) => sameBytes).length), required: String(rounds.length), met: rounds.every(({ sameBytes }) => sameBytes) }),
    figure('calls beyond those of an uninterrupted run, against those without an answer in the journal at the kill', { measured: rounds.map(({ extraCalls, unfinished }) => `${extraCalls}/${unfinished}`).join(' '), required: 'never more', met: rounds.every(({ extraCalls, unfinished }) => extraCalls <= unfinished) }),
    figure('of these in flight at the endpoint', { measured: rounds.map(({ inFlight }) => String(inFlight)).join(' '), required: '-', met: true }),
  ];
}

const start = (scene: Scene, ...flags: string[]): RunningCommand => startCommand([...FLAGS, ...flags], scene.workspace);

async function referenceRun(scene: Scene): Promise<Reference> {
  const command = start(scene);
  await until(() => isStaged(scene), 'the source to be staged');
  const staged = performance.now();
  await until(async () => ((await scene.endpoint.stats()).calls > 0 ? true : null), 'the first call');
  const secondsOfHeuristics = (performance.now() - staged) / 1000;
  assertDone(await command.done, 'the uninterrupted run');
  return { lines: await outputLines(scene), calls: (await scene.endpoint.stats()).calls, secondsOfHeuristics };
}

async function killedRun(scene: Scene, stage: Stage, reference: Reference): Promise<Killed> {
  const command = start(scene);
  if (stage === 'heuristics') {
    await until(() => isStaged(scene), 'the source to be staged');
    await sleep(Math.random() * 500 * reference.secondsOfHeuristics);
  } else {
    const moment = Math.floor((0.1 + 0.8 * Math.random()) * reference.calls);
    await until(async () => ((await scene.endpoint.stats()).calls >= moment ? true : null), `call ${moment}`);
  }
  const { inFlight, calls } = await scene.endpoint.stats();
  command.kill();
  await command.done;
  await until(async () => ((await scene.endpoint.stats()).inFlight === 0 ? true : null), 'the endpoint to be idle');
  const atKill = (await scene.endpoint.stats()).calls;
  const unfinished = atKill - journaledCalls(scene.workspace.folder).size;
  assertDone(await start(scene, '--resume', 'killed').done, `resuming after a kill at ${atKill} calls`);
  return {
    stage,
    callsAtKill: atKill,
    sameBytes: (await outputLines(scene)).join('\n') === reference.lines.join('\n'),
    extraCalls: (await scene.endpoint.stats()).calls - reference.calls,
    // Between asking how many were in flight and the kill a few more have started.
    inFlight: inFlight + (atKill - calls),
    unfinished,
  };
}

function isStaged(scene: Scene): true | null {
  const runs = join(scene.workspace.folder, '.syngraph', 'runs');
  if (!existsSync(runs)) return null;
  return readdirSync(runs, { recursive: true, encoding: 'utf8' }).some((name) => /\/source\/./.test(name)) ? true : null;
}

async function outputLines(scene: Scene): Promise<string[]> {
  return (await Promise.all(OUTPUTS.map((name) => scene.workspace.lines(name)))).flat();
}

function assertDone({ exitCode, stderr }: CommandResult, what: string): void {
  if (exitCode !== 0) throw new Error(`${what} ended with ${exitCode}: ${stderr}`);
}
