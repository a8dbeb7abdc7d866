import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { startEngine, type Engine } from '../test/support/engine.ts';
import type { PipelineInput } from '../pipeline/run-contract.ts';

/**
 * Records the histories that the replay test holds today's workflow code against. Run it only to
 * add a history; those that are there stand for runs that users have open.
 * `node --import tsx scripts/record-histories.ts [NAME …]`
 */
const FOLDER = fileURLToPath(new URL('../test/fixtures/histories/', import.meta.url));

const FUNCTIONS = `
export const count = (config, state) => ({ n: (state.n ?? 0) + 1 });
export const again = (state) => (state.n < 3 ? 'again' : 'done');
export const left = () => ({ left: 1 });
export const right = () => ({ right: 2 });
export const join = (config, state) => ({ sum: state.left + state.right });
export const fail = (config, state) => { if (state.id % 2 === 1) throw new Error('odd'); return { ok: true }; };
`;

const lambda = (name: string): string => `    ${name}: { node_type: lambda, lambda: './functions.ts#${name}', output_keys: [${name}_out] }\n`;

const TASKS: Record<string, { graph: string; input: PipelineInput; cancel?: boolean }> = {
  loop: {
    graph: `graph_config:\n  nodes:\n${lambda('count')}  edges:\n    - { from: START, to: count }\n    - { from: count, condition: './functions.ts#again', path_map: { again: count, done: END } }\n`,
    input: { numRecords: 125, batchSize: 10 },
  },
  'fan-out': {
    graph: `graph_config:\n  nodes:\n${lambda('left')}${lambda('right')}${lambda('join')}  edges:\n    - { from: START, to: left }\n    - { from: START, to: right }\n    - { from: left, to: join }\n    - { from: right, to: join }\n    - { from: join, to: END }\n`,
    input: { numRecords: 25 },
  },
  failure: {
    graph: `data_config:\n  source: { type: disk, file_path: input.jsonl }\ngraph_config:\n  nodes:\n${lambda('fail')}  edges:\n    - { from: START, to: fail }\n    - { from: fail, to: END }\n`,
    input: {},
  },
  'continue-as-new': {
    graph: `graph_config:\n  nodes:\n${lambda('left')}  edges:\n    - { from: START, to: left }\n    - { from: left, to: END }\n`,
    input: { numRecords: 401, batchSize: 1, rangesPerExecution: 1 },
  },
};

const engine = await startEngine();
try {
  const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(TASKS);
  await mkdir(FOLDER, { recursive: true });
  for (const name of names) await record(engine, name);
} finally {
  await engine.close();
}

async function record(engine: Engine, name: string): Promise<void> {
  const { client, folder } = engine;
  const task = TASKS[name];
  if (task === undefined) throw new Error(`there is no task ${name}; there are ${Object.keys(TASKS).join(', ')}`);
  const path = join(folder, name, 'graph_config.yaml');
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, task.graph);
  await writeFile(join(folder, name, 'functions.ts'), FUNCTIONS);
  await writeFile(join(folder, name, 'input.jsonl'), Array.from({ length: 20 }, (_, id) => `{"id":${id}}\n`).join(''));
  const root = `${name}/recorded`;
  await engine.start(root, { task: name, ...task.input });
  const recorded = new Set<string>();
  // Of workflows of one type one history shows all there is; of a run that continued, its first execution.
  for await (const execution of client.workflow.list({ query: `WorkflowId STARTS_WITH '${root}'` })) {
    const continued = execution.status.name === 'CONTINUED_AS_NEW';
    const key = `${name}.${execution.type}${continued ? '.continued' : ''}`;
    if (recorded.has(key)) continue;
    recorded.add(key);
    const history = await client.workflow.getHandle(execution.workflowId, execution.runId).fetchHistory();
    const content = { workflowId: execution.workflowId, history: JSON.parse(historyToJSON(history)) as unknown };
    // Which machine has recorded it is nobody's business.
    await writeFile(join(FOLDER, `${key}.json`), JSON.stringify(content, (field, value: unknown) => (field === 'identity' ? 'recorder' : value)));
  }
  console.log(`${name}: ${[...recorded].join(', ')}`);
}
