import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startFakeModel, type FakeModelServer } from '../../../../fake-model/start-fake-model.ts';
import type { FakeModelScript } from '../../../../fake-model/script.ts';
import type { RunSummary } from '../../../../pipeline/run-contract.ts';
import { startEngine, type Engine } from '../../../support/engine.ts';

let engine: Engine;
let model: FakeModelServer;
let other: FakeModelServer;
let number = 0;

before(async () => {
  model = await startFakeModel();
  other = await startFakeModel();
  engine = await startEngine({
    SYGRA_WRITER_URL: model.url, SYGRA_WRITER_TOKEN: 'key', SYGRA_OTHER_URL: other.url, SYGRA_OTHER_TOKEN: 'key', SYGRA_PLAIN_URL: model.url, SYGRA_LOUD_URL: model.url, SYGRA_LOUD_TOKEN: 'key',
  });
});
after(async () => {
  await engine.close();
  await Promise.all([model.close(), other.close()]);
});

const FUNCTIONS = `import { z } from 'zod';
export const Verdict = z.object({ score: z.number().int().min(1), words: z.string() }).refine((value) => value.score < 100, 'score is too high');
export const Listed = { type: 'object', properties: { score: { type: 'integer', maximum: 5 } }, required: ['score'] };
export class Shout { apply(text) { return text.toUpperCase(); } }
export const add = { description: 'Adds.', parameters: z.object({ a: z.number(), b: z.number() }), execute: ({ a, b }) => a + b };
export const louder = (message) => ({ answer: message.content + '!' });
export const keep = (message, state) => ({ ...state, seen: message.content });
export const join = (outputs) => ({ joined: Object.entries(outputs).map(([label, output]) => label + '=' + output.answer).join(' ') });
`;

function rescript(server: FakeModelServer, script: FakeModelScript): void {
  server.control({ broken: null, behaviour: 'answer', answer: {}, ...script });
}

interface Run {
  summary: RunSummary;
  rows: Record<string, unknown>[];
  failed: { code: string; message: string; node: string; attempts: number }[];
}

/** One node called `ask` over records with an id and a text. */
async function run(node: string, options: { records?: number; script?: FakeModelScript; name?: string; properties?: string } = {}): Promise<Run> {
  const { records = 3, script = {}, name = `task-${number++}`, properties = '' } = options;
  rescript(model, script);
  const folder = join(engine.folder, name);
  await mkdir(folder, { recursive: true });
  const graph = `data_config:\n  source: {type: disk, file_path: input.jsonl}\ngraph_config:\n${properties}  nodes:\n    ask:\n${node.trim().replaceAll(/^/gm, '      ')}\n  edges: [{from: START, to: ask}, {from: ask, to: END}]\n`;
  await writeFile(join(folder, 'graph_config.yaml'), graph);
  await writeFile(join(folder, 'functions.ts'), FUNCTIONS);
  await writeFile(join(folder, 'models.yaml'), 'writer: {model_type: openai, model: gpt-fake}\nother: {model_type: openai, model: gpt-other}\nloud: {model_type: openai, post_process: ./functions.ts#Shout}\nplain: {model_type: openai, model: gpt-3.5-turbo, auth_token: $KEY}\n');
  await writeFile(join(folder, 'input.jsonl'), Array.from({ length: records }, (_, id) => `${JSON.stringify({ id, text: `text ${id}` })}\n`).join(''));
  const summary = await engine.start(`${name}/run-${number++}`, { task: name, output: join(folder, 'out.jsonl') });
  const lines = async (path: string | null): Promise<unknown[]> =>
    path === null ? [] : (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as unknown);
  return { summary, rows: (await lines(summary.output)) as Run['rows'], failed: (await lines(summary.failedRecords)) as Run['failed'] };
}

const LLM = 'node_type: llm\nprompt: [{user: "Judge {text}"}]\n';
const FIELDS = '{schema: {fields: {score: {type: int, description: From 1 to 5}, words: {type: str}, sure: {type: bool, default: true}}}}';
const GOOD = { score: 4, words: '{prompt}' };

describe('structured output', () => {
  it('assigns the typed values of its fields, with defaults filled in and other keys dropped', async () => {
    const { rows } = await run(`${LLM}model: {name: writer, structured_output: ${FIELDS}}\noutput_keys: [score, words, sure]`, { script: { answer: { json: { ...GOOD, extra: 1 } } } });
    assert.deepEqual(rows[1], { id: 1, text: 'text 1', score: 4, words: 'Judge text 1', sure: true });
  });

  it('gives a single key and post-processors the JSON text, as SyGra does', async () => {
    const { rows } = await run(`${LLM}model: writer\nstructured_output: ${FIELDS}\noutput_keys: answer\npost_process: ./functions.ts#keep`, { records: 1, script: { answer: { json: GOOD } } });
    assert.equal(rows[0]?.['seen'], '{"score":4,"words":"Judge text 0","sure":true}');
  });

  it('sends the fault back until the answer fits', async () => {
    const script: FakeModelScript = { answer: { json: GOOD }, broken: { share: 1, classes: ['wrong_type'], times: 2 } };
    const { rows, summary } = await run(`${LLM}model: writer\nstructured_output: ${FIELDS}\noutput_keys: [score, words]`, { script });
    assert.equal(rows.length, 3);
    assert.ok(rows.every((row) => row['score'] === 4));
    assert.equal(summary.nodes['ask']?.calls, 9);
  });

  it('fails the record with the message of the validation where no repair helps', async () => {
    const script: FakeModelScript = { answer: { json: GOOD }, broken: { share: 1, classes: ['missing_key'], times: 9 } };
    const { rows, failed, summary } = await run(`${LLM}model: writer\nstructured_output: {schema: {fields: {score: {type: int}, words: {type: str}}}, max_parse_retries: 1}\noutput_keys: [score, words]`, { records: 1, script });
    assert.deepEqual(rows, []);
    assert.equal(failed[0]?.code, 'ANSWER_INVALID');
    assert.match(failed[0].message, /score/);
    assert.equal(summary.nodes['ask']?.calls, 2);
  });

  it('mends what is only written badly without a call, and asks in words where the server cannot constrain answers', async () => {
    const script: FakeModelScript = { answer: { json: GOOD }, broken: { share: 1, classes: ['fence', 'prose', 'trailing_comma', 'single_quotes'], times: 9 } };
    const { rows, summary } = await run(`${LLM}model: plain\nstructured_output: {schema: ./functions.ts#Verdict, strategy: prompt}\noutput_keys: [score, words]`, { records: 12, script });
    assert.equal(rows.length, 12);
    assert.equal(summary.nodes['ask']?.calls, 12);
    assert.match(String(rows[0]?.['words']), /^Judge text 0/);
  });

  it('is checked by the zod schema of the task, refinements included', async () => {
    const { failed } = await run(`${LLM}model: writer\nstructured_output: {schema: ./functions.ts#Verdict, retry_on_parse_error: false}\noutput_keys: [score, words]`, { records: 1, script: { answer: { json: { ...GOOD, score: 100 } } } });
    assert.match(failed[0]?.message ?? '', /score is too high/);
  });

  it('is checked by a JSON schema of the task', async () => {
    const node = `${LLM}model: writer\nstructured_output: {schema: ./functions.ts#Listed, max_parse_retries: 0}\noutput_keys: score`;
    const { rows } = await run(node, { records: 1, script: { answer: { json: { score: 5 } } } });
    assert.equal(rows[0]?.['score'], 5);
    const { failed } = await run(node, { records: 1, script: { answer: { json: { score: 6 } } } });
    assert.match(failed[0]?.message ?? '', /score: 6 is greater than 5/);
  });

  it('is reused by a later run with its repairs, without a call', async () => {
    const node = `${LLM}model: writer\nstructured_output: ${FIELDS}\noutput_keys: [score, words]`;
    const script: FakeModelScript = { answer: { json: GOOD }, broken: { share: 1, classes: ['wrong_type'] } };
    const first = await run(node, { script, name: 'reused' });
    const second = await run(node, { script, name: 'reused' });
    assert.deepEqual(second.rows, first.rows);
    assert.deepEqual([second.summary.nodes['ask']?.calls, second.summary.nodes['ask']?.reused], [0, 6]);
  });
});

describe('several samples', () => {
  it('are one call where the server gives several answers to it, and lists in the state', async () => {
    const { rows, summary } = await run(`${LLM}model: writer\noutput_keys: answer\nsamples: 3`, { script: { answer: { text: '{prompt} {hash}' } } });
    assert.equal(summary.nodes['ask']?.calls, 3);
    assert.ok(rows.every((row) => Array.isArray(row['answer']) && new Set(row['answer']).size === 3), JSON.stringify(rows[0]));
  });

  it('become records of their own with samples_as: rows', async () => {
    const { rows } = await run(`${LLM}model: {name: writer, parameters: {n: 2}}\noutput_keys: answer\nsamples_as: rows`, { script: { answer: { text: '{prompt} {hash}' } } });
    assert.equal(rows.length, 6);
    assert.equal(new Set(rows.map((row) => row['answer'])).size, 6);
    assert.deepEqual(rows.map((row) => row['id']), [0, 0, 1, 1, 2, 2]);
  });
});

describe('multi_llm nodes', () => {
  const MULTI = 'node_type: multi_llm\nprompt: [{user: "Judge {text}"}]\noutput_keys: answer\n';

  it('keep each answer under its label, a structured one as its value', async () => {
    rescript(other, { answer: { text: 'plain words' } });
    const { rows } = await run(`${MULTI}models: {a: {name: writer, structured_output: ${FIELDS}}, b: other}`, { records: 2, script: { answer: { json: GOOD } } });
    assert.deepEqual(rows[0]?.['answer'], { a: { score: 4, words: 'Judge text 0', sure: true }, b: 'plain words' });
  });

  it('hand all answers to multi_llm_post_process', async () => {
    rescript(other, { answer: { text: 'two' } });
    const { rows } = await run(`${MULTI}models: {a: writer, b: other}\nmulti_llm_post_process: ./functions.ts#join`, { records: 1, script: { answer: { text: 'one' } } });
    assert.equal(rows[0]?.['joined'], 'a=one b=two');
  });

  it('call post_process for each answer', async () => {
    rescript(other, { answer: { text: 'two' } });
    const { rows } = await run(`${MULTI}models: {a: writer, b: other}\npost_process: ./functions.ts#louder`, { records: 1, script: { answer: { text: 'one' } } });
    assert.deepEqual(rows[0]?.['answer'], { a: 'one!', b: 'two!' });
  });

  it('do with as many answers as are required', async () => {
    rescript(other, { behaviour: 400 });
    const any = await run(`${MULTI}models: {a: writer, b: other}\nrequire: any`, { records: 1, script: { answer: { text: 'one' } } });
    assert.deepEqual(any.rows[0]?.['answer'], { a: 'one' });
    const all = await run(`${MULTI}models: {a: writer, b: other}`, { records: 1, script: { answer: { text: 'one' } } });
    assert.equal(all.failed[0]?.code, 'MODEL_REJECTED');
    assert.match(all.failed[0].message, /1 of 2 models answered, 2 are required; b: /);
  });

  it('send each record to one model with mode: balance', async () => {
    rescript(other, { answer: { text: 'b' } });
    const { rows, summary } = await run(`${MULTI}models: {a: writer, b: other}\nmode: balance`, { records: 40, script: { answer: { text: 'a' } } });
    assert.equal(summary.nodes['ask']?.calls, 40);
    const labels = rows.map((row) => Object.keys(row['answer'] as object).join());
    assert.ok(labels.filter((label) => label === 'a').length > 8 && labels.filter((label) => label === 'b').length > 8, labels.join(''));
  });
});

describe('answers', () => {
  it('hand the tool calls of a model on, without carrying them out', async () => {
    const script: FakeModelScript = { answer: { text: 'three', toolCalls: [{ name: 'add', arguments: { a: 1, b: 2 } }] } };
    const { rows } = await run(`${LLM}model: writer\ntools: [./functions.ts#add]`, { records: 1, script });
    const [call] = rows[0]?.['tool_calls'] as { function: { name: string; arguments: string } }[];
    assert.deepEqual([call?.function.name, JSON.parse(call?.function.arguments ?? '')], ['add', { a: 1, b: 2 }]);
    const [message] = rows[0]?.['messages'] as { role: string; tool_calls: unknown[] }[];
    assert.deepEqual([message?.role, message?.tool_calls.length], ['assistant', 1]);
  });

  it('lose their thinking with post_process of the model, which reasoning_key keeps', async () => {
    const { rows } = await run(`${LLM}model: {name: writer, post_process: sygra.core.models.model_postprocessor.RemoveThinkData}\noutput_keys: answer\nreasoning_key: why`, { records: 1, script: { answer: { text: '<think>hm</think>Yes' } } });
    assert.deepEqual([rows[0]?.['answer'], rows[0]?.['why']], ['Yes', 'hm']);
  });

  it('are changed by a class of the task, which models.yaml may name', async () => {
    const { rows } = await run(`${LLM}model: loud\noutput_keys: answer`, { records: 1, script: { answer: { text: 'yes' } } });
    assert.equal(rows[0]?.['answer'], 'YES');
  });

  it('are kept in the chat history with what was asked', async () => {
    const properties = '  graph_properties: {chat_conversation: multiturn}\n';
    const { rows } = await run(`${LLM}model: writer\noutput_keys: answer\nchat_history: true`, { records: 1, script: { answer: { text: 'Yes' } }, properties });
    assert.deepEqual(rows[0]?.['__chat_history__'], [{ name: 'ask', request: [{ role: 'user', content: 'Judge text 0' }], response: 'Yes' }]);
  });
});
