import { figure, type Figure } from '../harness/report.ts';
import { missingAndDoubled, readRun, until, withScene, type Scene } from '../harness/scene.ts';

const RECORDS = 600;
const SCRIPT = { latencyMilliseconds: [20, 60] as [number, number] };
const CONCURRENCY = 50;
const FLAGS = ['--run-id', 'killed', '--concurrency', String(CONCURRENCY), '--batch-size', '50'];

const FUNCTIONS = `
export const share = (config, states) => states.map((state) => ({ of: states.length }));
`;

/** A model before and after a node that waits for all records of the run, both within a subgraph's reach. */
const GRAPH = `
data_config: { source: { type: disk, file_path: input.jsonl } }
graph_config:
  nodes:
    draft: { node_type: subgraph, subgraph: ./draft.yaml }
    share: { node_type: set_function, function: './functions.ts#share', scope: run, output_keys: [of] }
    polish: { node_type: llm, model: { name: writer }, prompt: [{ user: 'Polish {draft} of {of}' }], output_keys: polished }
  edges:
    - { from: START, to: draft }
    - { from: draft, to: share }
    - { from: share, to: polish }
    - { from: polish, to: END }
output_config: { output_map: { id: { from: id }, of: { from: of }, polished: { from: polished } } }
`;
const DRAFT = `
graph_config:
  nodes:
    draft: { node_type: llm, model: { name: writer }, prompt: [{ user: 'Draft {text}' }], output_keys: draft }
  edges:
    - { from: START, to: draft }
    - { from: draft, to: END }
`;
const WORKSPACE = { script: SCRIPT, records: RECORDS, graph: GRAPH, files: { 'functions.ts': FUNCTIONS, 'draft.yaml': DRAFT } };

/** kill -9 of a run whose records wait for each other, before, at and after the waiting; then `--resume`. */
export async function killWaiting(): Promise<Figure[]> {
  const reference = await withScene(WORKSPACE, async (scene) => {
    const run = await scene.run(...FLAGS);
    if (run.exitCode !== 0) throw new Error(run.stderr);
    return scene.workspace.lines('out.jsonl');
  });
  const rounds: number[] = [];
  const bad: string[] = [];
  for (const share of [0.3, 0.5, 0.55, 0.8]) {
    await withScene(WORKSPACE, async (scene) => {
      rounds.push(await killAt(scene, Math.floor(2 * RECORDS * share)));
      const { missing, doubled } = await missingAndDoubled(scene, RECORDS);
      const isSame = (await scene.workspace.lines('out.jsonl')).join('\n') === reference.join('\n');
      if (missing + doubled > 0 || !isSame) bad.push(`at ${share}: ${missing} missing, ${doubled} doubled, ${isSame ? 'same' : 'other'} bytes`);
    });
  }
  return [
    figure('runs of 4 with the bytes of an uninterrupted one', { measured: bad.length === 0 ? '4' : bad.join('; '), required: '4', met: bad.length === 0 }),
    // Which of them were in flight at the very moment of the kill cannot be asked for: the window is the bound.
    figure('calls beyond the two of each record, against the calls that may be in flight', {
      measured: rounds.join(' '),
      required: `≤ ${CONCURRENCY}`,
      met: rounds.every((calls) => calls <= CONCURRENCY),
    }),
  ];
}

async function killAt(scene: Scene, calls: number): Promise<number> {
  const command = scene.start(...FLAGS);
  await until(async () => ((await scene.endpoint.stats()).calls >= calls ? true : null), `${calls} calls`);
  command.kill();
  await command.done;
  const result = readRun(await scene.start(...FLAGS, '--resume', 'killed').done);
  if (result.exitCode !== 0) throw new Error(`resuming after ${calls} calls ended with ${result.exitCode}: ${result.stderr}`);
  return (await scene.endpoint.stats()).calls - 2 * RECORDS;
}
