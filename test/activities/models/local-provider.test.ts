import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { JsonObject } from '../../../pipeline/json.ts';
import { openLocalModel } from '../../../activities/local-models/shared-models.ts';
import { createModelGateway } from '../../../activities/models/create-model-gateway.ts';
import { ModelCallError } from '../../../activities/models/model-call-error.ts';
import type { ModelAnswer } from '../../../activities/models/model-client.ts';
import type { ModelGateway } from '../../../activities/models/model-gateway.ts';
import { modelPlanOf as compiledPlanOf } from '../../../pipeline/compile/compile-model-plan.ts';
import type { ModelPlan } from '../../../pipeline/plan.ts';
import { startEngine } from '../../support/engine.ts';
import { runTask } from '../../support/run-task.ts';
import { writeTinyGguf } from '../local-models/tiny-model.ts';
import { modelPlanOf } from './model-plan-of.ts';

let folder = '';
let gguf = '';
let gateway: ModelGateway;
const environment: NodeJS.ProcessEnv = {};
const { signal } = new AbortController();

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'syngraph-provider-'));
  gguf = join(folder, 'tiny.gguf');
  await writeTinyGguf(gguf);
  environment.SYNGRAPH_CACHE = join(folder, 'cache');
  gateway = createModelGateway({ environment: () => environment });
});
after(async () => {
  await gateway.close();
  await rm(folder, { recursive: true, force: true });
});

function planOf(changes: Partial<ModelPlan> = {}): ModelPlan {
  return modelPlanOf({ type: 'local', modelId: gguf, ...changes });
}

async function ask(content: string, parameters: JsonObject = {}, plan = planOf()): Promise<ModelAnswer> {
  const request = { messages: [{ role: 'user' as const, content }], parameters: { max_tokens: 10, ...parameters } };
  return (await gateway.call({ model: plan, request, run: 'run', runConcurrency: 100, signal })).answer;
}

function refused(kind: ModelCallError['kind'], message: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof ModelCallError && error.kind === kind && message.test(error.message);
}

test('without a name, the model is the one that a package carries', () => {
  assert.equal(compiledPlanOf('writer', { model_type: 'local' }).modelId, 'SmolLM2-135M-Instruct');
});

test('a local model answers without a url, and says how many tokens it has read and written', async () => {
  assert.match(gateway.describe(planOf()), /tiny\.gguf, which runs in this process$/);
  assert.equal(gateway.isSimulated(planOf()), false);
  const answer = await ask('opens the river');
  assert.equal(answer.answeredBy, gguf);
  assert.equal(answer.finishReason, 'length');
  assert.deepEqual([answer.usage.completionTokens, answer.usage.promptTokens > 1], [10, true]);
});

test('the same request gets the same answer, alone and among others; another seed another one', async () => {
  const alone = await ask('opens the river');
  const among = await Promise.all(['a', 'b', 'opens the river', 'c', 'd'].map((content) => ask(content)));
  assert.deepEqual(among[2], alone);
  assert.deepEqual(await ask('opens the river', { seed: 7 }), await ask('opens the river', { seed: 7 }));
  assert.notEqual((await ask('opens the river', { seed: 7 })).message.content, (await ask('opens the river', { seed: 8 })).message.content);
});

test('with top_k 1 or a tiny top_p the likeliest token is drawn', async () => {
  const greedy = await ask('opens', { temperature: 0 });
  assert.equal((await ask('opens', { top_k: 1 })).message.content, greedy.message.content);
  assert.equal((await ask('opens', { top_p: 1e-9 })).message.content, greedy.message.content);
  assert.equal((await ask('opens', { min_p: 1 })).message.content, greedy.message.content);
});

test('what cannot be done is refused with what can', async () => {
  await assert.rejects(ask('x', { logit_bias: {} }), refused('configuration', /do not know logit_bias; they take temperature/));
  await assert.rejects(ask('x', { temperature: -1 }), refused('configuration', /temperature is -1, and must be a number from 0/));
  await assert.rejects(ask('the '.repeat(600)), refused('permanent', /the model takes 256 with the answer/));
  await assert.rejects(ask('x', {}, planOf({ modelId: 'nowhere' })), refused('configuration', /neither a folder, nor a GGUF file/));
  await assert.rejects(ask('x', {}, planOf({ url: 'http://localhost' })), refused('configuration', /take no url/));
  const image = [{ type: 'image_url', image_url: { url: 'data:image/png;base64,' } }];
  const request = { messages: [{ role: 'user' as const, content: image }], parameters: {} };
  await assert.rejects(gateway.call({ model: planOf(), request, run: 'run', runConcurrency: 1, signal }), refused('permanent', /texts only/));
});

test('an answer that takes too long is given up, and the time of waiting does not count', async () => {
  await assert.rejects(ask('x', { max_tokens: 200 }, planOf({ timeoutSeconds: 0.001 })), refused('passing', /gave no answer in 0\.001 s/));
});

test('texts are scored by the same model', async () => {
  const { model, release } = await openLocalModel(gguf, { environment, onProgress: () => undefined });
  const [score] = await model.score({ texts: [{ text: 'opens the river' }] }, signal);
  await release();
  assert.ok((score?.perplexity ?? 0) > 1);
});

test('a pipeline runs on a local model', async () => {
  const engine = await startEngine(environment);
  try {
    const { summary, rows } = await runTask(engine, {
      yaml: `
data_config: {source: {type: disk, file_path: input.jsonl}}
graph_config:
  nodes:
    write:
      node_type: llm
      model: {name: writer, model_type: local, model: ${gguf}, parameters: {max_tokens: 8}}
      prompt: [{user: "{text}"}]
      on_truncation: keep
      on_empty: keep
      output_keys: answer
  edges: [{from: START, to: write}, {from: write, to: END}]
output_config: {output_map: {id: {from: id}, answer: {from: answer}}}
`,
      files: { 'input.jsonl': Array.from({ length: 12 }, (_, id) => JSON.stringify({ id, text: `river ${id}` })).join('\n') },
    });
    assert.equal(summary.status, 'done', JSON.stringify(summary));
    assert.equal(rows.length, 12);
    assert.ok(rows.every(({ answer }) => typeof answer === 'string'));
  } finally {
    await engine.close();
  }
});
