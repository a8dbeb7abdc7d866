import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import { ModelCallError } from '../../../activities/models/model-call-error.ts';
import type { ModelClient, ModelRequest } from '../../../activities/models/model-client.ts';
import type { ModelPlan, ModelType } from '../../../pipeline/plan.ts';
import { modelPlanOf } from './model-plan-of.ts';
import { clientFor, startProvider } from './provider-server.ts';

const server = await startProvider();
const opened: ModelClient[] = [];
afterEach(async () => {
  for (const client of opened.splice(0)) await client.close();
  server.seen.splice(0);
});
after(() => server.close());

const signal = new AbortController().signal;
const IMAGE = 'data:image/png;base64,aGk=';
const SCHEMA = { type: 'object', properties: { city: { type: 'string' }, degrees: { type: 'integer' } }, required: ['city', 'degrees'] };
const WEATHER = { name: 'get_weather', description: 'Tells the weather.', parameters: { type: 'object', properties: { city: { type: 'string' } } } };
const CALL = { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Paris"}' } };

/** A conversation with all that messages may hold. */
const REQUEST: ModelRequest = {
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'How warm is it?' },
    { role: 'assistant', content: '', tool_calls: [CALL] },
    { role: 'tool', tool_call_id: 'call_1', content: '21 degrees' },
    { role: 'user', content: 'So?' },
  ],
  parameters: { max_tokens: 50, temperature: 0.5, stop: ['\n'] },
  tools: [WEATHER],
  toolChoice: 'auto',
};

interface Case {
  type: ModelType;
  /** Base url's path, as resolve-endpoints gives it. */
  base: string;
  path: string;
  plan?: Partial<ModelPlan>;
  headers: Record<string, string | undefined>;
  body: (body: Record<string, unknown>) => void;
  structured?: (body: Record<string, unknown>) => void;
  reasoning?: string;
  cached?: number;
  callId?: string;
  error: [ModelCallError['kind'], ModelCallError['reason']];
  limit: [ModelCallError['reason'], number | undefined];
  environment?: NodeJS.ProcessEnv;
}

const BEARER = { authorization: 'Bearer a-key-of-ours-1234' };
const openaiTools = [{ type: 'function', function: WEATHER }];
const asOpenai = (body: Record<string, unknown>): void => {
  assert.deepEqual(body.messages, REQUEST.messages);
  assert.deepEqual([body.tools, body.tool_choice, body.max_tokens, body.stop], [openaiTools, 'auto', 50, ['\n']]);
};
const jsonSchema = (more: object) => (body: Record<string, unknown>) =>
  assert.deepEqual(body.response_format, { type: 'json_schema', json_schema: { name: 'weather', schema: { ...SCHEMA, ...('strict' in more && more.strict === 'openai' ? { additionalProperties: false } : {}) }, ...('strict' in more ? { strict: true } : {}) } });

const CASES: Case[] = [
  { type: 'openai', base: '/v1', path: '/v1/chat/completions', headers: BEARER, body: asOpenai, structured: jsonSchema({ strict: 'openai' }), cached: 4, error: ['configuration', 'unauthorized'], limit: ['overloaded', 20_000] },
  { type: 'azure_openai', base: '/openai/deployments/d', path: '/openai/deployments/d/chat/completions?api-version=2024-10-21', headers: { 'api-key': 'a-key-of-ours-1234', authorization: undefined }, body: asOpenai, structured: jsonSchema({ strict: 'openai' }), error: ['permanent', 'rejected'], limit: ['overloaded', 7000] },
  { type: 'vllm', base: '/v1', path: '/v1/chat/completions', headers: BEARER, body: asOpenai, structured: jsonSchema({}), reasoning: 'Summer, so warm.', error: ['configuration', 'unknown_model'], limit: ['overloaded', undefined] },
  { type: 'tgi', base: '/v1', path: '/v1/chat/completions', headers: BEARER, body: asOpenai, structured: (body) => assert.deepEqual(body.response_format, { type: 'json', value: SCHEMA }), callId: '0', error: ['permanent', 'rejected'], limit: ['overloaded', undefined] },
  { type: 'mistralai', base: '/v1', path: '/v1/chat/completions', headers: BEARER, body: asOpenai, structured: jsonSchema({ strict: true }), callId: 'D681PevKs', error: ['configuration', 'unknown_model'], limit: ['overloaded', 3000] },
  { type: 'huggingface', base: '/v1', path: '/v1/chat/completions', headers: BEARER, body: asOpenai, structured: jsonSchema({ strict: true }), error: ['configuration', 'quota'], limit: ['overloaded', 2000] },
  {
    type: 'vertex_ai', base: '/v1/projects/p/locations/l/endpoints/openapi', path: '/v1/projects/p/locations/l/endpoints/openapi/chat/completions', headers: BEARER,
    body: (body) => (asOpenai(body), assert.equal(body.model, 'google/some-model')), structured: jsonSchema({}), error: ['configuration', 'unknown_model'], limit: ['overloaded', undefined],
  },
  {
    type: 'anthropic', base: '', path: '/v1/messages', headers: { 'x-api-key': 'a-key-of-ours-1234', 'anthropic-version': '2023-06-01', authorization: undefined },
    body: (body) =>
      assert.deepEqual(body, {
        model: 'some-model', max_tokens: 50, temperature: 0.5, stop_sequences: ['\n'], system: 'Be brief.',
        messages: [
          { role: 'user', content: [{ type: 'text', text: 'How warm is it?' }] },
          { role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name: 'get_weather', input: { city: 'Paris' } }] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', content: [{ type: 'text', text: '21 degrees' }] }, { type: 'text', text: 'So?' }] },
        ],
        tools: [{ name: 'get_weather', description: 'Tells the weather.', input_schema: WEATHER.parameters }],
      }),
    structured: (body) => {
      assert.deepEqual(body.tool_choice, { type: 'tool', name: 'weather' });
      assert.deepEqual((body.tools as { input_schema: unknown }[]).map((tool) => tool.input_schema), [SCHEMA]);
    },
    reasoning: 'Summer, so warm.', cached: 4, callId: 'toolu_01A09q90qw90lq917835lq9', error: ['configuration', 'quota'], limit: ['overloaded', 5000],
  },
  {
    type: 'ollama', base: '', path: '/api/chat', headers: BEARER,
    body: (body) =>
      assert.deepEqual(body, {
        model: 'some-model', stream: false, options: { num_predict: 50, temperature: 0.5, stop: ['\n'] },
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'How warm is it?' },
          { role: 'assistant', content: '', tool_calls: [{ function: { name: 'get_weather', arguments: { city: 'Paris' } } }] },
          { role: 'tool', content: '21 degrees', tool_name: 'get_weather' },
          { role: 'user', content: 'So?' },
        ],
        tools: openaiTools,
      }),
    structured: (body) => assert.deepEqual(body.format, SCHEMA), reasoning: 'Summer, so warm.', callId: 'call_0', error: ['configuration', 'unknown_model'], limit: ['server_error', undefined],
  },
  {
    type: 'bedrock', base: '', path: '/model/anthropic.claude-sonnet/converse', plan: { modelId: 'anthropic.claude-sonnet' }, headers: {},
    environment: { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'a-secret-of-aws-1234', AWS_REGION: 'eu-west-1' },
    body: (body) =>
      assert.deepEqual(body, {
        messages: [
          { role: 'user', content: [{ text: 'How warm is it?' }] },
          { role: 'assistant', content: [{ toolUse: { toolUseId: 'call_1', name: 'get_weather', input: { city: 'Paris' } } }] },
          { role: 'user', content: [{ toolResult: { toolUseId: 'call_1', content: [{ text: '21 degrees' }] } }, { text: 'So?' }] },
        ],
        system: [{ text: 'Be brief.' }],
        inferenceConfig: { maxTokens: 50, temperature: 0.5, stopSequences: ['\n'] },
        toolConfig: { tools: [{ toolSpec: { name: 'get_weather', description: 'Tells the weather.', inputSchema: { json: WEATHER.parameters } } }] },
      }),
    structured: (body) => assert.deepEqual((body.toolConfig as { toolChoice: unknown }).toolChoice, { tool: { name: 'weather' } }),
    reasoning: 'Summer, so warm.', cached: 4, callId: 'tooluse_hbTgdi0CSLq_hM4P8csZJA', error: ['configuration', 'unknown_model'], limit: ['overloaded', undefined],
  },
  {
    type: 'triton', base: '/v2/models/llm/infer', path: '/v2/models/llm/infer', headers: BEARER,
    body: ({ inputs }) => {
      const [request, options] = inputs as { name: string; data: [string] }[];
      assert.deepEqual([request?.name, JSON.parse(request?.data[0] ?? '')], ['request', REQUEST.messages]);
      assert.deepEqual([options?.name, JSON.parse(options?.data[0] ?? '')], ['options', REQUEST.parameters]);
    },
    error: ['permanent', 'rejected'], limit: ['server_error', undefined],
  },
  {
    type: 'http', base: '/generate?x=1', path: '/generate?x=1', headers: BEARER,
    plan: { provider: { ...modelPlanOf().provider, payload: { text: '{last}', all: '{messages}', limit: '{max_tokens}', seed: '{seed}', note: 'for {model}, {"a": 1}' }, responsePath: 'result.answers[0].text' } },
    body: (body) => assert.deepEqual(body, { text: 'So?', all: REQUEST.messages, limit: 50, note: 'for some-model, {"a": 1}' }),
    error: ['configuration', 'unauthorized'], limit: ['overloaded', 4000],
  },
];

async function open({ type, base, plan = {}, environment = {} }: Case): Promise<ModelClient> {
  const client = await clientFor({ type, url: server.url + base, plan: { name: 'writer', ...plan }, environment });
  opened.push(client);
  return client;
}

async function failureOf(client: ModelClient): Promise<ModelCallError> {
  const error = await client.complete(REQUEST, signal).then(() => assert.fail('the call should have failed'), (reason: unknown) => reason);
  assert.ok(error instanceof ModelCallError, String(error));
  return error;
}

for (const each of CASES) {
  describe(each.type, () => {
    it('is sent a conversation in its own shape, and its answer is read', async () => {
      const client = await open(each);
      server.answer(each.type, 'answer');
      const answer = await client.complete(REQUEST, signal);
      const [seen] = server.seen;
      assert.equal(seen?.path, each.path);
      for (const [name, value] of Object.entries(each.headers)) assert.equal(seen.headers[name], value, name);
      each.body(seen.body);
      assert.equal(answer.message.content, 'It is 21 degrees.');
      assert.equal(answer.message.role, 'assistant');
      assert.ok(answer.finishReason === 'stop' || each.type === 'triton' || each.type === 'http');
      assert.equal(answer.reasoning, each.reasoning);
      assert.ok(answer.usage.promptTokens > 0 && answer.usage.completionTokens > 0);
      assert.equal(answer.usage.cachedPromptTokens, each.cached ?? answer.usage.cachedPromptTokens);
    });

    it('says what it can do, and its tool calls and structured answers are read as such', async () => {
      const client = await open(each);
      assert.equal(client.capabilities.tools, each.structured !== undefined);
      assert.equal(client.capabilities.structuredOutput, each.structured !== undefined);
      if (each.structured === undefined) return;
      server.answer(each.type, 'tool-call');
      const called = await client.complete(REQUEST, signal);
      assert.equal(called.finishReason, 'tool_calls');
      const [call] = called.message.tool_calls as (typeof CALL)[];
      assert.deepEqual([call?.id, call?.type, call?.function], [each.callId ?? 'call_abc123', 'function', CALL.function]);
      server.answer(each.type, 'structured');
      const { tools: _, toolChoice: __, ...request } = REQUEST;
      const answer = await client.complete({ ...request, format: { name: 'weather', schema: SCHEMA } }, signal);
      each.structured(server.seen.at(-1)?.body ?? {});
      assert.deepEqual(JSON.parse(answer.message.content as string), { city: 'Paris', degrees: 21 });
      assert.deepEqual([answer.message.tool_calls, answer.finishReason], [undefined, 'stop']);
    });

    it('has its errors and limits told apart', async () => {
      const client = await open(each);
      server.answer(each.type, 'error');
      const error = await failureOf(client);
      assert.deepEqual([error.kind, error.reason], each.error, error.message);
      server.answer(each.type, 'rate-limit');
      const limit = await failureOf(client);
      assert.deepEqual([limit.kind, limit.reason, limit.retryAfterMilliseconds], ['passing', ...each.limit], limit.message);
      assert.ok(limit.message.startsWith('Model "writer"') && limit.message.includes(server.url), limit.message);
    });

    it('answers a probe, and gives up at once when it is cancelled', async () => {
      const client = await open(each);
      server.answer(each.type, 'answer');
      assert.equal(await client.probe(signal), true);
      await assert.rejects(client.complete(REQUEST, AbortSignal.abort(new Error('the run was cancelled'))), /the run was cancelled/);
    });
  });
}

describe('media parts', () => {
  const PARTS = [
    { type: 'text', text: 'What is this?' },
    { type: 'image_url', image_url: { url: IMAGE } },
  ];
  const request: ModelRequest = { messages: [{ role: 'user', content: PARTS }], parameters: {} };
  const sent = async (type: ModelType): Promise<unknown> => {
    const each = CASES.find((other) => other.type === type) as Case;
    server.answer(type, 'answer');
    await (await open(each)).complete(request, signal);
    return (server.seen.at(-1)?.body.messages as unknown[])[0];
  };

  it('are images as each provider wants them', async () => {
    assert.deepEqual(await sent('openai'), { role: 'user', content: PARTS });
    assert.deepEqual(await sent('anthropic'), { role: 'user', content: [PARTS[0], { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } }] });
    assert.deepEqual(await sent('ollama'), { role: 'user', content: 'What is this?', images: ['aGk='] });
    assert.deepEqual(await sent('bedrock'), { role: 'user', content: [{ text: 'What is this?' }, { image: { format: 'png', source: { bytes: 'aGk=' } } }] });
  });

  it('are refused with the record where a provider takes no audio', async () => {
    const audio: ModelRequest = { messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'aGk=', format: 'wav' } }] }], parameters: {} };
    for (const type of ['anthropic', 'ollama', 'bedrock'] as const) {
      const client = await open(CASES.find((other) => other.type === type) as Case);
      await assert.rejects(client.complete(audio, signal), (error: ModelCallError) => error.kind === 'permanent' && /audio/.test(error.message));
    }
  });
});

describe('embeddings', () => {
  for (const [type, base, path] of [
    ['openai', '/v1', '/v1/embeddings'],
    ['ollama', '', '/api/embed'],
    ['huggingface', '', '/pipeline/feature-extraction'],
  ] as const) {
    it(`come from ${type} in the order of their texts`, async () => {
      const client = await clientFor({ type, url: server.url + base });
      opened.push(client);
      server.answer(type, 'embeddings');
      const { vectors } = (await client.embed?.({ texts: ['first', 'second'], parameters: {} }, signal)) ?? { vectors: [] };
      assert.deepEqual(vectors.map((vector) => [...vector]), [[0.5, 0.25, 0], [0, 1, 0]]);
      assert.ok(type === 'huggingface' || server.seen[0]?.path === path, server.seen[0]?.path);
      await assert.rejects(client.embed?.({ texts: ['one', 'two', 'three'], parameters: {} }, signal) ?? Promise.resolve(), /malformed: it has no vector for text 3 of 3|3 texts/);
    });
  }
});

it('reads several samples of one call', async () => {
  const client = await clientFor({ type: 'openai', url: `${server.url}/v1` });
  opened.push(client);
  assert.equal(client.capabilities.samples, true);
  server.answer('openai', 'samples');
  const { message, alternatives = [] } = await client.complete({ messages: [{ role: 'user', content: 'x' }], parameters: {}, samples: 3 }, signal);
  assert.equal(server.seen[0]?.body.n, 3);
  assert.deepEqual([message, ...alternatives.map((other) => other.message)].map(({ content }) => content), ['one', 'two', 'three']);
});

it('tells an exhausted quota from a limit, and an overloaded provider from a broken one', async () => {
  const openai = await clientFor({ type: 'openai', url: `${server.url}/v1` });
  const anthropic = await clientFor({ type: 'anthropic', url: server.url });
  opened.push(openai, anthropic);
  server.answer('openai', 'quota');
  assert.deepEqual([(await failureOf(openai)).kind, (await failureOf(openai)).reason], ['configuration', 'quota']);
  server.answer('anthropic', 'overloaded');
  assert.deepEqual([(await failureOf(anthropic)).kind, (await failureOf(anthropic)).reason], ['passing', 'overloaded']);
});

it("keeps the thoughts of Mistral's reasoning models apart", async () => {
  const client = await clientFor({ type: 'mistralai', url: `${server.url}/v1` });
  opened.push(client);
  server.answer('mistralai', 'reasoning');
  const answer = await client.complete({ messages: [{ role: 'user', content: 'x' }], parameters: { seed: 3 }, tools: [WEATHER], toolChoice: 'required' }, signal);
  assert.deepEqual([answer.message.content, answer.reasoning], ['It is 21 degrees.', 'Summer, so warm.']);
  assert.deepEqual([server.seen[0]?.body.random_seed, server.seen[0]?.body.tool_choice], [3, 'any']);
});

it('knows old models of OpenAI and old versions of Azure that take no schema', async () => {
  const capable = async (type: ModelType, plan: Partial<ModelPlan>): Promise<boolean> => {
    const client = await clientFor({ type, url: `${server.url}/v1`, plan });
    opened.push(client);
    return client.capabilities.structuredOutput;
  };
  assert.deepEqual(
    await Promise.all(['gpt-4o', 'gpt-4.1-mini', 'gpt-5', 'gpt-4-32k', 'gpt-4', 'gpt-3.5-turbo', 'gpt-4o-audio-preview'].map((modelId) => capable('openai', { modelId }))),
    [true, true, true, false, false, false, false],
  );
  assert.equal(await capable('azure_openai', { modelId: 'gpt-4o', apiVersion: '2024-02-15-preview' }), false);
  assert.equal(await capable('azure_openai', { modelId: 'gpt-4o', apiVersion: '2024-10-21' }), true);
});

it('sends headers whose values stand in the environment, and redacts them', async () => {
  const plan = { secretHeaders: { 'x-gateway': 'GATEWAY_PASS' } };
  const client = await clientFor({ type: 'anthropic', url: server.url, plan, environment: { GATEWAY_PASS: 'the-gateways-word' } });
  opened.push(client);
  server.answer('anthropic', 'answer');
  await client.complete({ messages: [{ role: 'user', content: 'x' }], parameters: {} }, signal);
  assert.equal(server.seen[0]?.headers['x-gateway'], 'the-gateways-word');
  await assert.rejects(clientFor({ type: 'anthropic', url: server.url, plan }), /GATEWAY_PASS, which is not set/);
});
