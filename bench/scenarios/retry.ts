import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunSummary } from '../../pipeline/run-contract.ts';
import { runCommand, startCommand } from '../harness/command.ts';
import { figure, type Figure } from '../harness/report.ts';
import { readRun, until, withScene, type Scene } from '../harness/scene.ts';
import { REPHRASE } from '../harness/workspace.ts';

const RECORDS = 2000;

/** 3 % of the records, spread over all of them. */
const FAILING = Array.from({ length: (RECORDS * 3) / 100 }, (_, index) => 7 + index * 33);

const TWO_CALLS = REPHRASE.replace('  edges:', `    judge:
      node_type: llm
      model: { name: writer }
      prompt:
        - user: "Judge: {text} / {rephrased}"
      output_keys: verdict
  edges:`).replace('{ from: rephrase, to: END }', '{ from: rephrase, to: judge }\n    - { from: judge, to: END }').replace('    rephrased: {', '    verdict: { from: verdict }\n    rephrased: {');

/** Records whose second call is refused for good; then a mended prompt and `retry`, once undisturbed and once with a kill -9 in the middle. */
export async function retry(): Promise<Figure[]> {
  const rules = [{ match: `^Judge: Record (${FAILING.join('|')}):`, behaviour: 400 as const }];
  const files = { 'mended.yaml': TWO_CALLS.replace('Judge: ', 'Please judge: ') };
  return withScene({ script: { latencyMilliseconds: 50, rules }, records: RECORDS, graph: TWO_CALLS, files }, async (scene) => {
    const first = await scene.run('--run-id', 'night');
    const before = await scene.workspace.lines('out.jsonl');
    const answered = 2 * RECORDS - FAILING.length;
    const mended = await tryAgain(scene, 'night');
    const calls = (await scene.endpoint.stats()).calls;
    const rows = await scene.workspace.lines('out.jsonl');
    const kept = rows.filter((line) => !FAILING.includes(idOf(line)));
    const summary = await summaryOf(scene, 'night');
    const modelCalls = Object.values(summary.nodes).reduce((sum, node) => sum + node.calls, 0);
    const { written, failed, total } = summary.counts;
    const killed = await killedRetry(scene);
    return [
      figure('run: rows, failed records, exit code', { measured: `${before.length}, ${first.json?.counts.failed ?? 0}, ${first.exitCode}`, required: `${RECORDS - FAILING.length}, ${FAILING.length}, 3`, met: before.length === RECORDS - FAILING.length && first.json?.counts.failed === FAILING.length && first.exitCode === 3 }),
      figure('mended prompt, `retry`: calls, exit code', { measured: `${calls}, ${mended.exitCode} in ${mended.seconds.toFixed(1)} s`, required: `${FAILING.length}, 0`, met: calls === FAILING.length && mended.exitCode === 0 }),
      figure('output: rows in the order of the source, those from before unchanged', { measured: `${rows.length}, ${isInOrder(rows) ? 'yes' : 'no'}, ${kept.join() === before.join() ? 'yes' : 'no'}`, required: `${RECORDS}, yes, yes`, met: rows.length === RECORDS && isInOrder(rows) && kept.join() === before.join() }),
      figure('report of the run: written + failed of total; model calls', { measured: `${written} + ${failed} of ${total}; ${modelCalls}`, required: `${RECORDS} + 0 of ${RECORDS}; ${answered + FAILING.length}`, met: written === RECORDS && failed === 0 && total === RECORDS && modelCalls === answered + FAILING.length }),
      killed,
    ];
  });
}

/** Another seed finds no earlier answers: all calls of its retry are its own. */
async function killedRetry(scene: Scene): Promise<Figure> {
  await scene.run('--run-id', 'killed', '--seed', '1');
  await scene.endpoint.control({ latencyMilliseconds: 300 });
  await scene.endpoint.reset();
  const inFlight = 8;
  const running = startCommand(['retry', 'killed', '--plan', 'mended.yaml', '--concurrency', String(inFlight), '--batch-size', '20', '--json'], scene.workspace);
  await until(async () => ((await scene.endpoint.stats()).calls > FAILING.length / 2 ? true : null), 'half of the calls');
  running.kill();
  await running.done;
  const resumed = readRun(await runCommand(['run', '.', '--resume', 'killed~retry-1', '--json'], scene.workspace));
  const { calls } = await scene.endpoint.stats();
  const rows = await scene.workspace.lines('out.jsonl');
  const { counts } = await summaryOf(scene, 'killed');
  const isWhole = rows.length === RECORDS && isInOrder(rows) && counts.written === RECORDS && counts.failed === 0;
  return figure('`retry` with kill -9 in the middle, resumed: calls, exit code, output and report whole', {
    measured: `${calls}, ${resumed.exitCode}, ${isWhole ? 'yes' : 'no'}`,
    required: `<= ${FAILING.length + inFlight}, 0, yes`,
    met: calls <= FAILING.length + inFlight && resumed.exitCode === 0 && isWhole,
  });
}

async function tryAgain(scene: Scene, run: string): ReturnType<Scene['run']> {
  // What failed still would: only the mended prompt is answered.
  await scene.endpoint.reset();
  return readRun(await runCommand(['retry', run, '--plan', 'mended.yaml', '--json'], scene.workspace));
}

async function summaryOf({ workspace }: Scene, run: string): Promise<RunSummary> {
  const folder = join(workspace.folder, '.syngraph', 'runs');
  const pipeline = workspace.folder.slice(workspace.folder.lastIndexOf('/') + 1);
  return JSON.parse(await readFile(join(folder, pipeline, run, 'summary.json'), 'utf8')) as RunSummary;
}

function isInOrder(rows: readonly string[]): boolean {
  return rows.every((line, index) => idOf(line) === index);
}

function idOf(line: string): number {
  return (JSON.parse(line) as { id: number }).id;
}
