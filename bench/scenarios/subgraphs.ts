import { join } from 'node:path';
import { connectClient } from '../../worker/connect-client.ts';
import { ensureServer } from '../../worker/server/ensure-server.ts';
import { figure, type Figure } from '../harness/report.ts';
import { withScene } from '../harness/scene.ts';

const RECORDS = 1000;
const VISITS = 3;
const LEVELS = 2;

const FUNCTIONS = `
export const count = (config, state) => ({ rounds: (state.rounds ?? 0) + 1 });
export const again = (state) => (state.rounds < ${VISITS} ? 'again' : 'done');
export const step = (config, state) => ({ steps: (state.steps ?? 0) + 1 });
export const leaf = (config, state) => ({ leaves: (state.leaves ?? 0) + 1 });
`;

const lambda = (name: string, key: string): string => `    ${name}: { node_type: lambda, lambda: './functions.ts#${name}', output_keys: [${key}] }\n`;
const edge = (...nodes: string[]): string => nodes.slice(1).map((to, index) => `    - { from: ${nodes[index] ?? ''}, to: ${to} }\n`).join('');

const OUTER = `
data_config: { source: { type: disk, file_path: input.jsonl } }
graph_config:
  nodes:
${lambda('count', 'rounds')}    work: { node_type: subgraph, subgraph: ./middle.yaml }
  edges:
${edge('START', 'count', 'work')}    - { from: work, condition: './functions.ts#again', path_map: { again: count, done: END } }
output_config: { output_map: { id: { from: id }, rounds: { from: rounds }, steps: { from: steps }, leaves: { from: leaves } } }
`;
const MIDDLE = `graph_config:\n  nodes:\n${lambda('step', 'steps')}    inner: { node_type: subgraph, subgraph: ./inner.yaml }\n  edges:\n${edge('START', 'step', 'inner', 'END')}`;
const INNER = `graph_config:\n  nodes:\n${lambda('leaf', 'leaves')}  edges:\n${edge('START', 'leaf', 'END')}`;

/** A subgraph within a subgraph, in a loop: right counts, and a history that grows with batches and not with records. */
export async function subgraphs(): Promise<Figure[]> {
  const files = { 'functions.ts': FUNCTIONS, 'middle.yaml': MIDDLE, 'inner.yaml': INNER };
  return withScene({ script: {}, records: RECORDS, graph: OUTER, files }, async (scene) => {
    const server = await ensureServer({ storeFolder: join(scene.workspace.folder, '.syngraph'), environment: process.env, onProgress: () => undefined });
    const { client, close } = await connectClient(server);
    try {
      const run = await scene.run('--run-id', 'nested');
      if (run.exitCode !== 0) throw new Error(run.stderr);
      const rows = (await scene.workspace.lines('out.jsonl')).map((line) => JSON.parse(line) as Record<string, number>);
      const right = rows.filter((row) => row['rounds'] === VISITS && row['steps'] === VISITS && row['leaves'] === VISITS).length;
      const executions = { batch: 0, subgraph: 0 };
      let events = 0;
      for await (const execution of client.workflow.list({ query: `SyngraphRun = 'nested'` })) {
        if (execution.type !== 'batch' && execution.type !== 'subgraph') continue;
        executions[execution.type] += 1;
        events += execution.historyLength;
      }
      const each = events / (executions.batch * LEVELS * VISITS);
      return [
        figure('records with the right number of visits on every level', { measured: `${right} of ${rows.length}`, required: '1000 of 1000', met: right === RECORDS && rows.length === RECORDS }),
        figure('subgraph workflows', { measured: String(executions.subgraph), required: String(executions.batch * LEVELS * VISITS), met: executions.subgraph === executions.batch * LEVELS * VISITS }),
        figure('events per batch, level and visit, those of the batches themselves included', { measured: each.toFixed(1), required: '≤ 35', met: each <= 35 }),
      ];
    } finally {
      await close();
      await server.release();
    }
  });
}
