import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { journaledCalls } from '../harness/journaled-calls.ts';
import { figure, type Figure } from '../harness/report.ts';
import { missingAndDoubled, readRun, sleep, until, withScene, type Scene } from '../harness/scene.ts';

const RECORDS = 50;
const TURNS = 4;
const ROUNDS = 5;
const FLAGS = ['--run-id', 'killed', '--batch-size', '10'];
const NOTES = 'tool-calls.txt';

/** A tool that takes a while, and notes the key of each call when it begins. */
const TOOLS = `
import { appendFileSync } from 'node:fs';
import { z } from 'zod';
export const look = {
  description: 'Looks something up, slowly.',
  parameters: z.object({ what: z.string() }),
  async execute({ what }, { call }) {
    appendFileSync('${NOTES}', call + '\\n');
    await new Promise((resolve) => setTimeout(resolve, 300));
    return 'found ' + what;
  },
};
`;

const GRAPH = `
data_config:
  source: { type: disk, file_path: input.jsonl }
graph_config:
  nodes:
    search:
      node_type: agent
      model: writer
      tools: ['./tools.ts#look']
      prompt: [{ system: You look things up. }, { user: 'Look up {text}' }]
      output_keys: answer
  edges:
    - { from: START, to: search }
    - { from: search, to: END }
`;

const SCRIPT = {
  latencyMilliseconds: [50, 150] as [number, number],
  answer: { text: 'All is found.', toolCalls: Array.from({ length: TURNS }, (_, turn) => ({ name: 'look', arguments: { what: `part ${turn}` } })) },
};

interface Killed {
  missing: number;
  doubled: number;
  repeatedTools: number;
  extraTools: number;
  toolsInFlight: number;
  extraCalls: number;
  callsInFlight: number;
}

/** kill -9 of all our processes while agents wait for models and for a slow tool; then `--resume`. */
export async function agentKill(): Promise<Figure[]> {
  const rounds: Killed[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push(await withScene({ script: SCRIPT, records: RECORDS, graph: GRAPH, files: { 'tools.ts': TOOLS } }, killedRun));
  }
  const sum = (read: (round: Killed) => number): number => rounds.reduce((total, round) => total + read(round), 0);
  return [
    figure(`records missing / doubled in ${ROUNDS} runs of ${RECORDS}`, { measured: `${sum((round) => round.missing)} / ${sum((round) => round.doubled)}`, required: '0 / 0', met: sum((round) => round.missing + round.doubled) === 0 }),
    figure('finished tool calls that were made again', { measured: String(sum((round) => round.repeatedTools)), required: '0', met: sum((round) => round.repeatedTools) === 0 }),
    figure('tool calls too many, against those in flight at the kill', { measured: rounds.map((round) => `${round.extraTools}/${round.toolsInFlight}`).join(' '), required: 'never more', met: rounds.every((round) => round.extraTools <= round.toolsInFlight) }),
    figure('model calls too many, against those in flight at the kill', { measured: rounds.map((round) => `${round.extraCalls}/${round.callsInFlight}`).join(' '), required: 'never more', met: rounds.every((round) => round.extraCalls <= round.callsInFlight) }),
  ];
}

async function killedRun(scene: Scene): Promise<Killed> {
  const command = scene.start(...FLAGS);
  const moment = Math.floor((0.1 + 0.8 * Math.random()) * RECORDS * TURNS);
  await until(() => (begunCalls(scene).length >= moment ? true : null), `tool call ${moment}`);
  await sleep(Math.random() * 100);
  const { inFlight, calls } = await scene.endpoint.stats();
  command.kill();
  await command.done;
  await until(async () => ((await scene.endpoint.stats()).inFlight === 0 ? true : null), 'the endpoint to be idle');
  const atKill = (await scene.endpoint.stats()).calls;
  const begun = begunCalls(scene);
  const finished = journaledCalls(scene.workspace.folder);
  const result = readRun(await scene.start(...FLAGS, '--resume', 'killed').done);
  if (result.exitCode !== 0) throw new Error(`resuming after a kill at tool call ${moment} ended with ${result.exitCode}: ${result.stderr}`);
  const all = begunCalls(scene);
  return {
    ...(await missingAndDoubled(scene, RECORDS)),
    repeatedTools: all.slice(begun.length).filter((key) => finished.has(key)).length,
    extraTools: all.length - RECORDS * TURNS,
    toolsInFlight: begun.filter((key) => !finished.has(key)).length,
    extraCalls: (await scene.endpoint.stats()).calls - RECORDS * (TURNS + 1),
    // Between asking how many were in flight and the kill a few more have started.
    callsInFlight: Math.max(inFlight, 0) + (atKill - calls),
  };
}

function begunCalls(scene: Scene): string[] {
  try {
    return readFileSync(join(scene.workspace.folder, NOTES), 'utf8').split('\n').filter((line) => line !== '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
