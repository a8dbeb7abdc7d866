import { figure, type Figure } from '../harness/report.ts';
import { withScene } from '../harness/scene.ts';

const LAMBDA = `
data_config:
  source: { type: disk, file_path: input.jsonl }
graph_config:
  nodes:
    style:
      node_type: weighted_sampler
      attributes:
        tone: { values: [formal, casual] }
    shout:
      node_type: lambda
      lambda: ./functions.ts#shout
      output_keys: [shouted]
  edges:
    - { from: START, to: style }
    - { from: style, to: shout }
    - { from: shout, to: END }
`;
const FUNCTIONS = `export function shout(config: unknown, state: { text: string; tone: string }) {
  return { shouted: state.tone + ': ' + state.text.toUpperCase() };
}
`;

/** One sampler and one lambda over 10,000 and 100,000 records: memory must not follow. */
export async function memory(): Promise<Figure[]> {
  const run = (records: number): Promise<{ peak: number; seconds: number }> =>
    withScene({ script: {}, records, graph: LAMBDA, files: { 'functions.ts': FUNCTIONS } }, async (scene) => {
      const result = await scene.run();
      if (result.exitCode !== 0) throw new Error(result.stderr);
      return { peak: result.peakMegabytes, seconds: result.seconds };
    });
  const [small, large] = [await run(10_000), await run(100_000)];
  const growth = large.peak - small.peak;
  return [figure('peak memory of our process, 10,000 and 100,000 records', { measured: `${small.peak.toFixed(0)} and ${large.peak.toFixed(0)} MB: ${growth.toFixed(0)} MB more (${small.seconds.toFixed(1)} and ${large.seconds.toFixed(1)} s)`, required: '< 50 MB more', met: growth < 50 })];
}
