import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, beforeEach, test } from 'node:test';
import { startFakeModel } from '../../fake-model/start-fake-model.ts';
import type { RunMetadata } from '../../pipeline/metrics/run-metadata.ts';
import { startEngine } from '../support/engine.ts';
import { runTask, type FinishedTask } from '../support/run-task.ts';

const fake = await startFakeModel({ script: { answer: { text: 'echo {prompt}' } } });
const engine = await startEngine({ SYGRA_WRITER_URL: fake.url, SYGRA_WRITER_TOKEN: 'key' });
after(async () => {
  await engine.close();
  await fake.close();
});
beforeEach(() => {
  fake.reset();
  fake.control({ batches: null });
});

const YAML = `
data_config:
  source: { type: disk, file_path: in.jsonl }
graph_config:
  nodes:
    ask:
      node_type: llm
      model: { name: writer, parameters: { temperature: 0.5 } }
      prompt: [{ user: "Say {n}" }]
      output_keys: said
    again:
      node_type: llm
      model: { name: writer }
      prompt: [{ user: "Repeat {said}" }]
      output_keys: repeated
  edges:
    - { from: START, to: ask }
    - { from: ask, to: again }
    - { from: again, to: END }
`;
const RECORDS = 60;

async function run(name: string): Promise<FinishedTask> {
  const files = {
    'in.jsonl': Array.from({ length: RECORDS }, (_, n) => `${JSON.stringify({ n: `${name} ${n}` })}\n`).join(''),
    'models.yaml': 'writer: { model_type: openai, model: fake, mode: batch, batch_poll: 0.2, price: { input: 100, output: 100 } }\n',
  };
  const finished = await runTask(engine, { yaml: YAML, files, input: { batchSize: 25 } }).catch((error: unknown) => assert.fail(messagesOf(error)));
  assert.equal(finished.summary.status, 'done');
  assert.deepEqual(finished.rows.map(({ repeated }) => repeated), Array.from({ length: RECORDS }, (_, n) => `echo Repeat echo Say ${name} ${n}`));
  assert.equal(fake.stats().repeatedAnswers, 0);
  return finished;
}

async function metadataOf({ summary }: FinishedTask): Promise<RunMetadata> {
  return JSON.parse(await readFile(summary.output?.replace(/\.jsonl$/, '.metadata.json') ?? '', 'utf8')) as RunMetadata;
}

test('records wait for the batches of each node in turn, which cost half', async () => {
  fake.control({ batches: { delayMilliseconds: 500 } });
  const { models } = await metadataOf(await run('plain'));
  const { calls, batches, answeredInBatches } = fake.stats();
  assert.deepEqual({ calls, batches, answeredInBatches }, { calls: 0, batches: 2, answeredInBatches: 2 * RECORDS });
  const writer = models['writer'];
  const { total_tokens: tokens = 0 } = writer?.token_statistics ?? {};
  assert.equal(writer?.performance.total_requests, 2 * RECORDS);
  assert.ok(tokens > 0 && Math.abs((writer?.cost.total_cost_usd ?? 0) - (tokens * 50) / 1e6) < 1e-6);
});

test('what a batch leaves unanswered is asked by single calls, or where it is much, by another batch', async () => {
  fake.control({ batches: { failedShare: 0.04, expire: 1 } });
  await run('partly');
  const { calls, batches, answeredInBatches } = fake.stats();
  assert.equal(batches, 3);
  assert.ok(calls > 0 && calls < 10, `${calls} single calls`);
  assert.equal(answeredInBatches + calls, 2 * RECORDS);
});

test('a batch whose creation got no answer is found again, and not made twice', async () => {
  fake.control({ batches: { cutCreations: 1 } });
  await run('cut');
  assert.deepEqual([fake.stats().batches, fake.stats().calls], [2, 0]);
});

test('a full queue at the provider is waited for', async () => {
  fake.control({ batches: { refuse: { code: 'token_limit_exceeded', message: 'Enqueued token limit reached.', times: 2 } } });
  await run('full');
  assert.deepEqual([fake.stats().batches, fake.stats().calls], [4, 0]);
});

test('nodes that cannot wait refuse the mode', async () => {
  const files = { 'models.yaml': 'writer: { model_type: openai, model: fake, mode: batch }\n' };
  const yaml = YAML.replace("node_type: llm\n      model: { name: writer, parameters: { temperature: 0.5 } }", 'node_type: multi_llm\n      models: { a: { name: writer } }');
  await assert.rejects(runTask(engine, { yaml, files: { ...files, 'in.jsonl': '{"n": 1}\n' } }), (error: Error) => /mode: batch, which is for llm nodes/.test(messagesOf(error)));
});

function messagesOf(error: unknown): string {
  return error instanceof Error ? `${error.message}\n${messagesOf(error.cause)}` : '';
}
