import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger } from '@temporalio/worker';
import { createJoinRate } from '../worker/join-rate.ts';
import { startEngine, type Engine } from '../test/support/engine.ts';
import { TASK_QUEUE, WORKFLOW_TYPES, type PipelineInput } from '../pipeline/run-contract.ts';

/**
 * Records the histories that the replay test holds today's workflow code against. Run it only to
 * add a history; those that are there stand for runs that users have open.
 * `node --import tsx scripts/record-histories.ts [NAME …]`
 */
const FOLDER = fileURLToPath(new URL('../test/fixtures/histories/', import.meta.url));

const FUNCTIONS = `
export const count = (config, state) => ({ n: (state.n ?? 0) + 1 });
export const again = (state) => (state.n < 3 ? 'again' : 'done');
export const even = (config, state) => ({ even: state.id % 2 === 0 });
export const copies = (config, state) => [{ copy: state.id % 7 }, { copy: state.id % 5 }];
export const left = () => ({ left: 1 });
export const right = () => ({ right: 2 });
export const join = (config, state) => ({ sum: state.left + state.right });
export const fail = (config, state) => { if (state.id % 2 === 1) throw new Error('odd'); return { ok: true }; };
`;

const lambda = (name: string): string => `    ${name}: { node_type: lambda, lambda: './functions.ts#${name}', output_keys: [${name}_out] }\n`;

interface Task {
  graph: string;
  input: PipelineInput;
  /** Further files by their path in the task folder. */
  files?: Record<string, string>;
  /** Failed records are reset; of what that does these workflows are recorded. */
  reset?: string[];
  /** What is done to the run while it goes. */
  steer?: (handle: WorkflowHandle) => Promise<void>;
}

const chain = (...nodes: string[]): string => nodes.slice(1).map((to, index) => `    - { from: ${nodes[index] ?? ''}, to: ${to} }\n`).join('');

const TASKS: Record<string, Task> = {
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
  reset: {
    graph: `graph_config:\n  nodes:\n${lambda('fail')}  edges:\n    - { from: START, to: fail }\n    - { from: fail, to: END }\n`,
    input: { numRecords: 4 },
    // A record that was reset cannot be replayed from a file: there its execution has the id of the first one.
    reset: ['merge'],
  },
  'continue-as-new': {
    graph: `graph_config:\n  nodes:\n${lambda('left')}  edges:\n    - { from: START, to: left }\n    - { from: left, to: END }\n`,
    input: { numRecords: 401, batchSize: 1, rangesPerExecution: 1 },
  },
  subgraph: {
    graph: `graph_config:\n  nodes:\n${lambda('left')}    work: { node_type: subgraph, subgraph: ./inner }\n  edges:\n${chain('START', 'left', 'work')}    - { from: work, condition: './functions.ts#again', path_map: { again: left, done: END } }\n`,
    input: { numRecords: 20, batchSize: 10 },
    files: {
      'inner/graph_config.yaml': `graph_config:\n  nodes:\n${lambda('count')}    some: { node_type: filter, where: 'id != 3' }\n  edges:\n${chain('START', 'count', 'some', 'END')}`,
      'inner/functions.ts': FUNCTIONS,
    },
  },
  'set-of-run': {
    graph: `graph_config:\n  nodes:\n    copies: { node_type: lambda, lambda: './functions.ts#copies', output_keys: [copy], rows: true }\n    unique: { node_type: deduplicate, field: copy, method: exact, scope: run }\n${lambda('left')}  edges:\n${chain('START', 'copies', 'unique', 'left', 'END')}`,
    input: { numRecords: 30, batchSize: 10 },
  },
  paused: {
    graph: `graph_config:\n  nodes:\n${lambda('left')}${lambda('right')}  edges:\n${chain('START', 'left', 'right', 'END')}`,
    input: { numRecords: 40, batchSize: 10 },
    async steer(handle) {
      await handle.signal('pause', { reason: 'recorded' });
      await handle.executeUpdate('set', { args: [{ concurrency: 5 }] });
      await handle.executeUpdate('resume');
    },
  },
  capped: {
    graph: `graph_config:\n  nodes:\n    ask: { node_type: llm, model: { name: writer }, prompt: [{ user: hello }], output_keys: said }\n  edges:\n${chain('START', 'ask', 'END')}`,
    input: { numRecords: 60, batchSize: 10, concurrency: 2, maxTokensTotal: 20 },
    files: { 'models.yaml': 'writer: { model_type: openai, model: none }\n' },
  },
  target: {
    graph: `target: { records: 20, where: 'even == true', max_candidates: 200 }\ngraph_config:\n  nodes:\n    even: { node_type: lambda, lambda: './functions.ts#even', output_keys: [even] }\n  edges:\n${chain('START', 'even', 'END')}`,
    input: {},
  },
};

const engine = await startEngine();
try {
  const names = process.argv.length > 2 ? process.argv.slice(2) : [...Object.keys(TASKS), WORKFLOW_TYPES.limiter];
  await mkdir(FOLDER, { recursive: true });
  for (const name of names) await (name === WORKFLOW_TYPES.limiter ? recordLimiter(engine) : record(engine, name));
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
  for (const [file, content] of Object.entries(task.files ?? {})) {
    await mkdir(dirname(join(folder, name, file)), { recursive: true });
    await writeFile(join(folder, name, file), content);
  }
  await writeFile(join(folder, name, 'input.jsonl'), Array.from({ length: 20 }, (_, id) => `{"id":${id}}\n`).join(''));
  const root = `${name}/recorded`;
  const handle = await client.workflow.start(WORKFLOW_TYPES.run, { workflowId: root, taskQueue: TASK_QUEUE, args: [{ task: name, ...task.input }] });
  await task.steer?.(handle);
  await handle.result();
  if (task.reset !== undefined) await resetRecords(engine, root);
  const recorded = new Set<string>();
  // Of workflows of one type one history shows all there is; of a run that continued, its first execution.
  for await (const execution of client.workflow.list({ query: `WorkflowId STARTS_WITH '${root}'` })) {
    const continued = execution.status.name === 'CONTINUED_AS_NEW';
    const phase = /\/phase-\d+/.test(execution.workflowId) ? '.phase' : '';
    const key = `${name}.${execution.type}${phase}${continued ? '.continued' : ''}`;
    if (recorded.has(key) || task.reset?.includes(execution.type) === false) continue;
    recorded.add(key);
    await save(client.workflow.getHandle(execution.workflowId, execution.runId), key);
  }
  console.log(`${name}: ${[...recorded].join(', ')}`);
}

/** Two members renew and leave; the workflow stays open. */
async function recordLimiter({ client }: Engine): Promise<void> {
  const logger = new DefaultLogger('ERROR');
  const [first, second] = ['first', 'second'].map((identity) => createJoinRate({ client, identity, logger })({ key: 'recorded', summary: 'recorded' }));
  for (const demand of [1, 0.2]) {
    await first?.renew(demand);
    await second?.renew(1);
  }
  await first?.leave();
  await second?.renew(1);
  await save(client.workflow.getHandle('limiter/recorded'), WORKFLOW_TYPES.limiter);
}

async function save(handle: WorkflowHandle, key: string): Promise<void> {
  const history = await handle.fetchHistory();
  const content = { workflowId: handle.workflowId, history: JSON.parse(historyToJSON(history)) as unknown };
  await writeFile(join(FOLDER, `${key}.json`), JSON.stringify(content, withoutMachine));
}

/** Which machine has recorded it is nobody's business. */
function withoutMachine(field: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return field === 'identity' || value.startsWith('syngraph:') ? 'recorder' : value.replaceAll(process.cwd(), '/syngraph');
}

/** Resets the failed records of a run, and waits until they have been tried again. */
async function resetRecords({ client }: Engine, root: string): Promise<void> {
  const { namespace } = client.options;
  for (const ordinal of [1, 3]) {
    const workflowId = `${root}/record/${ordinal}`;
    const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
    const last = events?.findLast(({ workflowTaskCompletedEventAttributes }) => workflowTaskCompletedEventAttributes);
    await client.workflowService.resetWorkflowExecution({
      namespace,
      workflowExecution: { workflowId },
      reason: 'recorded',
      requestId: `${workflowId}-reset`,
      workflowTaskFinishEventId: last?.eventId ?? null,
    });
  }
  for (const ordinal of [1, 3]) await client.workflow.getHandle(`${root}/record/${ordinal}`).result().catch(() => undefined);
  await client.workflow.getHandle(`${root}/merge`).result();
  // The list of workflows comes a little later than what it lists.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
}
