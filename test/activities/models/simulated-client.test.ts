import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClient } from '../../../activities/models/simulated-client.ts';
import { Validator } from '@cfworker/json-schema';
import type { ModelRequest } from '../../../activities/models/model-client.ts';
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

const BASE: ModelRequest = { messages: [{ role: 'user', content: 'add one and two' }], parameters: {} };
const SCHEMA: JsonObject = {
  type: 'object',
  properties: { title: { type: 'string' }, score: { type: 'integer', minimum: 1, maximum: 5 }, tags: { type: 'array', items: { type: 'string' } } },
  required: ['title', 'score', 'tags'],
};

test('answers with values that fit the format of a request', async () => {
  const { message } = await client.complete({ ...BASE, format: { name: 'x', schema: SCHEMA } }, signal);
  assert.equal(new Validator(SCHEMA as object).validate(JSON.parse(message.content as string)).valid, true, message.content as string);
});

test('calls the first tool once with arguments that fit, and answers once it has a result', async () => {
  const parameters: JsonObject = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] };
  const request = { ...BASE, tools: [{ name: 'add', description: 'Adds.', parameters }] };
  const { message, finishReason } = await client.complete(request, signal);
  assert.equal(finishReason, 'tool_calls');
  const [call] = message.tool_calls as { id: string; function: { name: string; arguments: string } }[];
  assert.equal(call?.function.name, 'add');
  assert.ok(Number.isInteger((JSON.parse(call.function.arguments) as { a: number }).a));
  const messages = [...BASE.messages, message, { role: 'tool' as const, tool_call_id: call.id, content: '3' }];
  const answer = await client.complete({ ...request, messages }, signal);
  assert.equal(answer.message.tool_calls, undefined);
  assert.match(answer.message.content as string, /^\[simulated\] add one and two/);
  assert.equal((await client.complete({ ...request, toolChoice: 'none' }, signal)).message.tool_calls, undefined);
});

test('gives as many different samples as are asked for, the first as it would be alone', async () => {
  const alone = await client.complete(BASE, signal);
  const { message, alternatives = [] } = await client.complete({ ...BASE, samples: 3 }, signal);
  assert.equal(message.content, alone.message.content);
  assert.equal(new Set([message, ...alternatives.map((other) => other.message)].map(({ content }) => content)).size, 3);
});

test('embeds texts so that similar ones are near', async () => {
  const { vectors } = await client.embed({ texts: ['a black cat', 'the black cat', 'tax law'], parameters: {} }, signal);
  const cosine = (first: number, second: number): number =>
    [...(vectors[first] ?? [])].reduce((sum, value, index) => sum + value * (vectors[second]?.[index] ?? 0), 0);
  assert.ok(cosine(0, 1) > 0.5 && cosine(0, 2) < 0.3, `${cosine(0, 1)} ${cosine(0, 2)}`);
});
