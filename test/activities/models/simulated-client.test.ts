import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClient } from '../../../activities/models/simulated-client.ts';
import type { JsonObject } from '../../../pipeline/json.ts';
import { modelPlanOf } from './model-plan-of.ts';

const client = new SimulatedClient(modelPlanOf({ type: 'simulated' }));
const signal = new AbortController().signal;

async function ask(prompt: string, parameters: JsonObject = {}): Promise<string> {
  const { message } = await client.complete({ messages: [{ role: 'user', content: prompt }], parameters }, signal);
  return message.content as string;
}

test('gives the same messages the same answer, and others another', async () => {
  assert.equal(await ask('one'), await ask('one'));
  assert.notEqual(await ask('one'), await ask('two'));
});

test('says that it is simulated, and estimates the usage', async () => {
  const answer = await client.complete({ messages: [{ role: 'user', content: 'hello' }], parameters: {} }, signal);
  assert.equal(answer.answeredBy, 'simulated');
  assert.match(answer.message.content as string, /^\[simulated\]/);
  assert.ok(answer.usage.promptTokens > 0 && answer.usage.completionTokens > 20);
});

test('answers in the shape of a JSON example', async () => {
  const prompt =
    'Reply in JSON like {"question": "...", "score": 3, "valid": true, "tags": ["a"], "verdict": "yes|no"}';
  const answer = JSON.parse(await ask(prompt)) as Record<string, unknown>;
  assert.deepEqual(Object.keys(answer), ['question', 'score', 'valid', 'tags', 'verdict']);
  assert.equal(typeof answer.question, 'string');
  assert.equal(typeof answer.score, 'number');
  assert.equal(typeof answer.valid, 'boolean');
  assert.ok(Array.isArray(answer.tags));
  assert.ok(answer.verdict === 'yes' || answer.verdict === 'no');
});

test('answers with the keys that a prompt for JSON names', async () => {
  const answer = JSON.parse(await ask('Return JSON with the keys "title" and "body".')) as object;
  assert.deepEqual(Object.keys(answer), ['title', 'body']);
});

test('answers by the schema of response_format', async () => {
  const schema = { properties: { name: { type: 'string' }, age: { type: 'integer' }, kind: { enum: ['x'] } } };
  const text = await ask('go', { response_format: { type: 'json_schema', json_schema: { schema } } });
  const answer = JSON.parse(text) as Record<string, unknown>;
  assert.equal(typeof answer.age, 'number');
  assert.equal(answer.kind, 'x');
});
