import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startFakeModel, type FakeModelServer } from '../../../fake-model/start-fake-model.ts';
import type { FakeModelScript } from '../../../fake-model/script.ts';
import type { PipelineInput, RunSummary } from '../../../pipeline/run-contract.ts';
import { startEngine, type Engine } from '../../support/engine.ts';

const TOOLS = `
import { appendFileSync } from 'node:fs';
import { z } from 'zod';
const two = z.object({ a: z.number(), b: z.number() });
const noted = (file: string, line: string) => appendFileSync(file, line + '\\n');
export const add = { description: 'Adds.', parameters: two, execute({ a, b }, context) { noted(process.env.CALLS ?? '', 'add ' + context.recordId + ' ' + context.call); return a + b; } };
export class Box { static divide = { description: 'Divides.', parameters: two, execute({ a, b }) { if (b === 0) throw new RangeError('division by zero'); return { quotient: a / b }; } }; }
export function persona(state) { return { ...state, _agent_prompt: 'You are ' + state.role + '.', _agent_name: state.role }; }
export function turns(state) { return (state.__chat_history__ ?? []).length < 4 ? 'again' : 'done'; }
export function extract(message, state) { return { answer: message.content.toUpperCase() + ' ' + state.id }; }
`;

interface Row {
  id: number;
  answer: string;
  steps?: { role: string; content: string; name?: string; tool_calls?: unknown[]; tool_call_id?: string }[];
  [key: string]: unknown;
}

interface Run {
  summary: RunSummary;
  rows: Row[];
  failed: { id: string; code: string; message: string; answer: string }[];
}

describe('agents', () => {
  let model: FakeModelServer;
  let engine: Engine;
  let number = 0;
  before(async () => {
    model = await startFakeModel();
    engine = await startEngine({ SYGRA_WRITER_URL: model.url, SYGRA_WRITER_TOKEN: 'key', TOOL_SECRET: 'hush' });
    process.env['CALLS'] = join(engine.folder, 'calls.txt');
  });
  after(async () => {
    await engine.close();
    await model.close();
  });

  interface Task {
    settings: string;
    script: FakeModelScript;
    records?: number;
    edges?: string;
    name?: string;
    input?: PipelineInput;
  }

  async function run({ settings, script, records = 3, edges, name = `agents-${number++}`, input = {} }: Task): Promise<Run> {
    model.control({ rules: [], answer: {}, ...script });
    const folder = join(engine.folder, name);
    await mkdir(folder, { recursive: true });
    const node = `node_type: agent\nmodel: writer\nprompt: [{system: You reckon.}, {user: "Reckon {id}"}]\noutput_keys: answer\ntrajectory_key: steps\n${settings}`;
    const graph = `    reckon:\n${node.replaceAll(/^/gm, '      ')}\n  edges:\n${edges ?? '    - {from: START, to: reckon}\n    - {from: reckon, to: END}\n'}`;
    await writeFile(join(folder, 'graph_config.yaml'), `data_config:\n  source: {type: disk, file_path: input.jsonl}\ngraph_config:\n  nodes:\n${graph}`);
    await writeFile(join(folder, 'tools.ts'), TOOLS);
    await writeFile(join(folder, 'models.yaml'), 'writer: { model_type: openai, model: fake }\n');
    await writeFile(join(folder, 'input.jsonl'), Array.from({ length: records }, (_, id) => `${JSON.stringify({ id, role: `Role${id}` })}\n`).join(''));
    const summary = await engine.start(`${name}/run-${number++}`, { task: name, output: join(folder, 'out.jsonl'), ...input });
    const lines = async <Line>(path: string | null): Promise<Line[]> =>
      path === null ? [] : (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Line);
    return { summary, rows: await lines(summary.output), failed: await lines(summary.failedRecords) };
  }

  const calls = async (): Promise<string[]> => (await readFile(process.env['CALLS'] ?? '', 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
  const ADD = 'tools: ["./tools.ts#add", "./tools.ts#Box"]';

  it('call tools until an answer calls none, and keep every message', async () => {
    const script = { answer: { text: 'It is done.', toolCalls: [[{ name: 'add', arguments: { a: 1, b: 2 } }, { name: 'divide', arguments: { a: 1, b: 4 } }], { name: 'add', arguments: { a: 3, b: 4 } }] } };
    const { summary, rows } = await run({ settings: ADD, script });
    assert.equal(summary.status, 'done');
    assert.deepEqual(rows.map(({ answer }) => answer), Array(3).fill('It is done.'));
    const steps = rows[0]?.steps ?? [];
    assert.deepEqual(steps.map(({ role }) => role), ['system', 'user', 'assistant', 'tool', 'tool', 'assistant', 'tool', 'assistant']);
    assert.deepEqual(steps.filter(({ role }) => role === 'tool').map(({ content }) => content), ['3', '{"quotient":0.25}', '7']);
    const [first] = (steps[2]?.tool_calls ?? []) as { id: string }[];
    assert.equal(steps[3]?.tool_call_id, first?.id);
    assert.deepEqual([summary.nodes['reckon']?.calls, summary.nodes['reckon']?.toolCalls, summary.nodes['reckon']?.toolErrors], [9, 9, undefined]);
  });

  it('are told of wrong names, wrong arguments and errors, which are counted', async () => {
    const script = {
      answer: { text: 'Given up.', toolCalls: [{ name: 'power', arguments: {} }, { name: 'add', arguments: { a: 'one', b: 2 } }, { name: 'divide', arguments: { a: 1, b: 0 } }] },
    };
    const { summary, rows } = await run({ settings: ADD, script, records: 1 });
    const told = (rows[0]?.steps ?? []).filter(({ role }) => role === 'tool').map(({ content }) => content);
    assert.equal(told[0], 'Error: there is no tool "power"; there are: add, divide.');
    assert.match(told[1] ?? '', /^Error: .*a: .*number/);
    assert.match(told[2] ?? '', /^Error: RangeError: division by zero/);
    assert.deepEqual([summary.nodes['reckon']?.toolCalls, summary.nodes['reckon']?.toolErrors], [3, 3]);
  });

  it('fail alone where they never come to an end', async () => {
    const turn = { name: 'add', arguments: { a: 1, b: 1 } };
    const script = { rules: [{ match: 'Reckon 1', answer: { toolCalls: Array.from({ length: 9 }, () => turn) } }], answer: { text: 'Done.', toolCalls: [turn] } };
    const { summary, rows, failed } = await run({ settings: `${ADD}\nmax_steps: 3`, script });
    assert.deepEqual(rows.map(({ id }) => id), [0, 2]);
    assert.equal(failed[0]?.code, 'TOO_MANY_STEPS');
    assert.match(failed[0]?.message ?? '', /after 3 model calls the agent still calls tools; raise max_steps/);
    // Two records with two calls each, and three of the one that was stopped; its last wish was not carried out.
    assert.deepEqual([summary.nodes['reckon']?.calls, summary.nodes['reckon']?.toolCalls], [7, 4]);
  });

  it('repeat neither model nor tool calls of an earlier run, until the code is another', async () => {
    const task = { settings: ADD, name: 'again', script: { answer: { text: 'Sum.', toolCalls: [{ name: 'add', arguments: { a: 2, b: 2 } }] } } };
    const before = (await calls()).length;
    await run(task);
    const made = (await calls()).slice(before);
    assert.equal(new Set(made).size, 3);
    const second = await run(task);
    assert.equal(second.summary.nodes['reckon']?.calls, 0);
    assert.equal((await calls()).length, before + 3);
    assert.deepEqual(second.rows[0]?.steps?.map(({ content }) => content), ['You reckon.', 'Reckon 0', '', '4', 'Sum.']);
    // Another function in the bundle: what the tool does may have changed with it.
    await run({ ...task, settings: `${ADD}\npost_process: ./tools.ts#extract` });
    assert.equal((await calls()).length, before + 6);
  });

  it('take on a person, are told things at a turn, and talk over several visits', async () => {
    const edges = '    - {from: START, to: reckon}\n    - {from: reckon, condition: ./tools.ts#turns, path_map: {again: reckon, done: END}}\n';
    const settings = 'pre_process: ./tools.ts#persona\nchat_history: true\ninject_system_messages: [{1: "Now, {role}, come to an end."}]\npost_process: ./tools.ts#extract';
    const { rows } = await run({ settings, edges, records: 1, script: { answer: { text: 'so' } } });
    const [row] = rows;
    assert.equal(row?.answer, 'SO 0');
    // The fourth visit: three exchanges before it, half of which is one turn.
    assert.equal(row?.steps?.[0]?.content, 'You reckon.\nNow, Role0, come to an end.');
    assert.equal(row?.steps?.at(-1)?.name, 'Role0');
    assert.equal((row?.['__chat_history__'] as unknown[]).length, 4);
  });

  it('give a structured output at the end, not at the turns before', async () => {
    const settings = `${ADD}\nstructured_output: {schema: {fields: {sum: {type: int, description: the sum}}}}`;
    const { rows, failed } = await run({ settings, records: 1, script: { answer: { json: { sum: 3 }, toolCalls: [{ name: 'add', arguments: { a: 1, b: 2 } }] } } });
    assert.deepEqual(failed, []);
    assert.deepEqual(JSON.parse(rows[0]?.answer ?? ''), { sum: 3 });
    assert.equal(rows[0]?.steps?.find(({ role }) => role === 'tool')?.content, '3');
  });

  it('carry out so many calls of one answer, and no more', async () => {
    const turn = Array.from({ length: 40 }, (_, a) => ({ name: 'add', arguments: { a, b: 0 } }));
    const { rows } = await run({ settings: ADD, records: 1, script: { answer: { text: 'Much.', toolCalls: [turn] } } });
    const told = (rows[0]?.steps ?? []).filter(({ role }) => role === 'tool').map(({ content }) => content);
    assert.equal(told.length, 40);
    assert.equal(told[31], '31');
    assert.match(told[32] ?? '', /^Error: at most 32 tools can be called at once/);
  });

  it('use the tools of an MCP server', async () => {
    const program = join(import.meta.dirname, 'tools', 'tool-server.ts');
    // The server is run from the engine's folder, where tsx is not installed.
    const loader = import.meta.resolve('tsx');
    const settings = `tools:\n  - mcp: {command: ${JSON.stringify(process.execPath)}, args: ["--import", ${JSON.stringify(loader)}, ${JSON.stringify(program)}], env: [TOOL_SECRET]}\n    only: [who, files.read]`;
    const script = { answer: { text: 'Seen.', toolCalls: [[{ name: 'who', arguments: { name: 'TOOL_SECRET' } }, { name: 'files_read', arguments: {} }]] } };
    const { summary, rows } = await run({ settings, script });
    assert.equal(summary.status, 'done');
    const told = rows.map(({ steps = [] }) => steps.filter(({ role }) => role === 'tool').map(({ content }) => content));
    assert.deepEqual(new Set(told.map(([who]) => (JSON.parse(who ?? '') as { value: string }).value)), new Set(['hush']));
    assert.equal(new Set(told.map(([who]) => who)).size, 1, 'one process serves all records');
    assert.match(told[0]?.[1] ?? '', /^x{1000}/);
  });
});
