import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelType } from '../../../pipeline/model-plan.ts';
import { PRICES_DATE, priceOf } from '../../../pipeline/prices/price-of.ts';

function priceAs(type: ModelType, modelId: string): ReturnType<typeof priceOf> {
  return priceOf({ type, modelId, price: null });
}

test('the table says of which day its prices are', () => {
  assert.match(PRICES_DATE, /^\d{4}-\d{2}-\d{2}$/);
});

test('list prices are found by the names that providers give their models, with dates and versions', () => {
  assert.deepEqual(priceAs('openai', 'gpt-4o-mini'), { input: 0.15, output: 0.6, cached: 0.075 });
  assert.deepEqual(priceAs('openai', 'gpt-4o-mini-2024-07-18'), priceAs('openai', 'gpt-4o-mini'));
  assert.deepEqual(priceAs('azure_openai', 'gpt-35-turbo'), { input: 0.5, output: 1.5, cached: 0.5 });
  assert.deepEqual(priceAs('anthropic', 'claude-sonnet-4-5-20250929'), { input: 3, output: 15, cached: 0.3 });
  assert.deepEqual(priceAs('anthropic', 'claude-sonnet-4-20250514'), priceAs('anthropic', 'claude-sonnet-4-0'));
  assert.deepEqual(priceAs('vertex_ai', 'claude-sonnet-4-5@20250929'), priceAs('vertex_ai', 'claude-sonnet-4-5'));
  assert.deepEqual(priceAs('vertex_ai', 'google/gemini-2.5-flash'), { input: 0.3, output: 2.5, cached: 0.03 });
  assert.notEqual(priceAs('mistralai', 'mistral-small-latest'), null);
});

test('Bedrock’s profiles over several regions have their own prices', () => {
  assert.deepEqual(priceAs('bedrock', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'), { input: 3.3, output: 16.5, cached: 0.33 });
  assert.deepEqual(priceAs('bedrock', 'global.anthropic.claude-sonnet-4-5-20250929-v1:0'), { input: 3, output: 15, cached: 0.3 });
  assert.deepEqual(priceAs('bedrock', 'amazon.nova-lite-v1:0'), { input: 0.06, output: 0.24, cached: 0.015 });
});

test('a price in models.yaml wins, and cached tokens cost as others where it does not say', () => {
  assert.deepEqual(priceOf({ type: 'openai', modelId: 'gpt-4o', price: { input: 1, output: 2 } }), { input: 1, output: 2, cached: 1 });
  assert.deepEqual(priceOf({ type: 'vllm', modelId: 'x', price: { input: 1, output: 2, cached: 0.5 } }), { input: 1, output: 2, cached: 0.5 });
});

test('what nobody has a price of is unknown, not free; what runs in the worker is free', () => {
  assert.equal(priceAs('openai', 'somebodys-finetune'), null);
  assert.equal(priceAs('vllm', 'gpt-4o'), null);
  assert.equal(priceAs('openai', 'constructor'), null);
  assert.deepEqual(priceAs('local', 'SmolLM2-135M-Instruct'), { input: 0, output: 0, cached: 0 });
});
