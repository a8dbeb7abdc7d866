import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startFakeModel, type FakeModelServer } from '../../fake-model/start-fake-model.ts';
import type { RunProgress } from '../../pipeline/run-contract.ts';
import type { RunMetadata } from '../../pipeline/metrics/run-metadata.ts';
import { startEngine } from '../support/engine.ts';
import { readTask, runTask, startTask, type FinishedTask } from '../support/run-task.ts';
import { until } from '../support/until.ts';

const FIRST = { latencyMilliseconds: 20, answer: { text: 'first {prompt}' } };
let first = await startFakeModel({ script: FIRST });
const second = await startFakeModel({ script: { latencyMilliseconds: 100, answer: { text: 'second {prompt}' } } });
const engine = await startEngine({ SYGRA_WRITER_URL: first.url, SYGRA_WRITER_TOKEN: 'key', SYGRA_SPARE_URL: second.url, SYGRA_SPARE_TOKEN: 'key' });
after(async () => {
  await engine.close();
  await Promise.all([first.close(), second.close()]);
});

const YAML = `
data_config:
  source: { type: disk, file_path: in.jsonl }
output_config: { provenance: true }
graph_config:
  nodes:
    ask:
      node_type: llm
      model: { name: writer, parameters: { temperature: 0.5 } }
      prompt: [{ user: "Say {n}" }]
      output_keys: said
  edges:
    - { from: START, to: ask }
    - { from: ask, to: END }
`;

function filesOf(records: number, fallbacks: string): Record<string, string> {
  return {
    'in.jsonl': Array.from({ length: records }, (_, n) => `${JSON.stringify({ n })}\n`).join(''),
    'models.yaml': `
writer: { model_type: openai, model: big, price: { input: 100, output: 100 }, fallbacks: ${fallbacks} }
spare: { model_type: openai, model: small, price: { input: 1, output: 1 }, parameters: { top_p: 0.9 } }
`,
  };
}

function afresh(...servers: FakeModelServer[]): void {
  for (const server of servers) server.reset();
}

async function metadataOf({ summary }: FinishedTask): Promise<RunMetadata> {
  return JSON.parse(await readFile(summary.output?.replace(/\.jsonl$/, '.metadata.json') ?? '', 'utf8')) as RunMetadata;
}

const numbers = (rows: Record<string, unknown>[]): unknown[] => rows.map(({ n }) => n);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

test('while the first model is down the second answers, and once it is back, the first again', async () => {
  afresh(first, second);
  const { id, result } = await startTask(engine, { yaml: YAML, files: filesOf(300, '{ models: [spare], after: 0.5 }'), input: { concurrency: 2, batchSize: 50 } });
  await until(() => first.stats().calls >= 60);
  await first.close();
  await until(() => second.stats().calls >= 10);
  first = await startFakeModel({ port: first.port, script: FIRST });
  await until(() => first.stats().calls > 10);
  const finished = await readTask(id, await result);
  assert.equal(finished.summary.status, 'done');
  assert.deepEqual(numbers(finished.rows), upTo(300));
  const said = finished.rows.map((row) => String(row['said']).split(' ')[0]);
  const provenance = finished.rows.map(({ provenance: origin }) => origin as { models: Record<string, string[]> } | undefined);
  const spare = said.filter((word) => word === 'second').length;
  assert.ok(spare >= 10 && spare < 230, `${spare} answers of the second`);
  finished.rows.forEach((_, index) => assert.deepEqual(Object.keys(provenance[index]?.models ?? {}), [said[index] === 'second' ? 'spare' : 'writer']));
  const { models } = await metadataOf(finished);
  assert.equal(models['spare']?.performance.total_requests, spare);
  assert.deepEqual(models['spare']?.parameters, { top_p: 0.9, temperature: 0.5 });
  assert.equal(models['writer']?.answered_by['big'], 300 - spare);
});

test('a record that the first model refuses with 429 for too long goes to the second', async () => {
  afresh(first, second);
  first.control({ behaviour: 429, retryAfterSeconds: 30 });
  try {
    const { summary, rows } = await runTask(engine, { yaml: YAML, files: filesOf(40, '{ models: [spare], after: 1 }'), input: { concurrency: 20 } });
    assert.equal(summary.status, 'done');
    assert.ok(rows.every(({ said }) => String(said).startsWith('second')));
    assert.equal(second.stats().calls, 40);
  } finally {
    first.control({ behaviour: 'answer', retryAfterSeconds: 1 });
  }
});

test('a key that is refused pauses the run, unless the fallbacks are for that, too', async () => {
  afresh(first, second);
  first.control({ requireKey: 'another' });
  try {
    const { summary, rows } = await runTask(engine, { yaml: YAML, files: filesOf(20, '{ models: [spare], on: [unauthorized] }'), input: { concurrency: 20 } });
    assert.equal(summary.status, 'done');
    assert.ok(rows.every(({ said }) => String(said).startsWith('second')));
    const { id, result } = await startTask(engine, { yaml: YAML, files: filesOf(20, '[spare]'), input: { concurrency: 20, fresh: true } });
    const handle = engine.client.workflow.getHandle(id);
    await until(async () => (await handle.query<RunProgress>('progress')).status === 'paused');
    first.control({ requireKey: null });
    await handle.executeUpdate('resume');
    assert.ok((await readTask(id, await result)).rows.every(({ said }) => String(said).startsWith('first')));
  } finally {
    first.control({ requireKey: null });
  }
});

test('answers of the second model are found again, and nothing is asked while it has answered', async () => {
  afresh(first, second);
  const files = filesOf(30, '{ models: [spare], after: 0.3 }');
  const name = 'again';
  const folder = join(engine.folder, name);
  await mkdir(folder);
  for (const [path, content] of Object.entries({ 'graph_config.yaml': YAML.replace('output_config: { provenance: true }\n', ''), ...files })) await writeFile(join(folder, path), content);
  first.control({ behaviour: 503 });
  await engine.start(`${name}/one`, { task: name, output: join(folder, 'one.jsonl') });
  assert.equal(second.stats().calls, 30);
  first.control({ behaviour: 'answer' });
  afresh(first, second);
  await engine.start(`${name}/two`, { task: name, output: join(folder, 'two.jsonl') });
  assert.deepEqual([first.stats().calls, second.stats().calls], [0, 0]);
  assert.equal(await readFile(join(folder, 'two.jsonl'), 'utf8'), await readFile(join(folder, 'one.jsonl'), 'utf8'));
});

test('a fallback without an endpoint is refused before the first call', async () => {
  afresh(first, second);
  const files = filesOf(3, '[nobody]');
  const task = { yaml: YAML, files: { ...files, 'models.yaml': `${files['models.yaml']}nobody: { model_type: openai }\n` } };
  await assert.rejects(runTask(engine, task), (error: Error) => /nobody has no endpoint/.test(messagesOf(error)));
  assert.equal(first.stats().calls, 0);
});

function messagesOf(error: unknown): string {
  return error instanceof Error ? `${error.message}\n${messagesOf(error.cause)}` : '';
}
