import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startFakeModel } from '../../fake-model/start-fake-model.ts';
import { until } from '../support/until.ts';
import { createWorkplace, type RunningCommand } from './workplace.ts';

const RECORDS = 40;
const fake = await startFakeModel({ script: { answer: { text: 'echo {prompt}' }, batches: { creationMilliseconds: 60_000 } } });
const place = await createWorkplace();
const environment = { SYGRA_WRITER_URL: fake.url, SYGRA_WRITER_TOKEN: 'key' };
after(async () => {
  await place.remove();
  await fake.close();
});

async function kill({ child, ended }: RunningCommand): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}

const ledger = (): Promise<string> => readFile(join(place.folder, '.syngraph/runs/quiz/one/provider-batches/ask/0/ledger.json'), 'utf8').catch(() => '');

test('a run that is killed while its batch is made, and while it waits for it, makes no other one', async () => {
  await place.write({
    'quiz/graph_config.yaml': `
data_config:
  source: { type: disk, file_path: in.jsonl }
graph_config:
  nodes:
    ask:
      node_type: llm
      model: { name: writer }
      prompt: [{ user: "Say {n}" }]
      output_keys: said
  edges:
    - { from: START, to: ask }
    - { from: ask, to: END }
`,
    'quiz/models.yaml': 'writer: { model_type: openai, model: fake, mode: batch, batch_poll: 0.3 }\n',
    'quiz/in.jsonl': Array.from({ length: RECORDS }, (_, n) => `${JSON.stringify({ n })}\n`).join(''),
  });
  const begin = (...more: string[]): RunningCommand => place.start(['run', 'quiz', '--run-id', 'one', '--output', 'out.jsonl', ...more], environment);
  const first = begin();
  await until(() => fake.stats().batches === 1);
  await kill(first);
  assert.match(await ledger(), /"isSubmitting":true,"batch":null/);
  fake.control({ batches: { delayMilliseconds: 3_600_000 } });
  const second = begin('--resume');
  await until(async () => (await ledger()).includes('"batch":"batch-'));
  await kill(second);
  fake.control({ batches: {} });
  const { exitCode, errors } = await begin('--resume').ended;
  assert.equal(exitCode, 0, errors);
  const rows = (await readFile(join(place.folder, 'out.jsonl'), 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line) as { said: string });
  assert.deepEqual(rows.map(({ said }) => said), Array.from({ length: RECORDS }, (_, n) => `echo Say ${n}`));
  const { batches, calls, answeredInBatches } = fake.stats();
  assert.deepEqual({ batches, calls, answeredInBatches }, { batches: 1, calls: 0, answeredInBatches: RECORDS });
});

test('preview and estimate ask the model directly, and the estimate counts the price of batches', async () => {
  const { batches: before } = fake.stats();
  await place.write({ 'quiz/models.yaml': 'writer: { model_type: openai, model: fake, mode: batch, price: { input: 1000, output: 1000 } }\n' });
  const preview = await place.syngraph(['preview', 'quiz', '--fresh', '--json'], environment);
  assert.equal(preview.exitCode, 0, preview.errors);
  const estimate = await place.syngraph(['estimate', 'quiz', '--fresh', '--json'], environment);
  assert.equal(estimate.exitCode, 0, estimate.errors);
  const { cost, tokens } = JSON.parse(estimate.output) as Record<'cost' | 'tokens', { value: number }>;
  assert.ok(Math.abs(cost.value - (tokens.value * 1000 * 0.5) / 1e6) < 1e-9, `${cost.value} for ${tokens.value} tokens`);
  assert.equal(fake.stats().batches, before);
});
