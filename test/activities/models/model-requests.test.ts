import assert from 'node:assert/strict';
import { createVerify, generateKeyPairSync } from 'node:crypto';
import { after, afterEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { createModelGateway } from '../../../activities/models/create-model-gateway.ts';
import type { ModelCallError } from '../../../activities/models/model-call-error.ts';
import type { ModelClient } from '../../../activities/models/model-client.ts';
import type { ModelGateway } from '../../../activities/models/model-gateway.ts';
import { parseRetryAfter } from '../../../activities/models/parse-retry-after.ts';
import { fillPayload, valueAtPath } from '../../../activities/models/providers/payload.ts';
import { strictSchema } from '../../../activities/models/providers/strict-schema.ts';
import { readFailureBody } from '../../../activities/models/read-failure-body.ts';
import { resolveEndpoints } from '../../../activities/models/resolve-endpoints.ts';
import { startFakeModel } from '../../../fake-model/start-fake-model.ts';
import type { JsonValue } from '../../../pipeline/json.ts';
import type { ModelPlan } from '../../../pipeline/plan.ts';
import { modelPlanOf } from './model-plan-of.ts';
import { clientFor, startProvider } from './provider-server.ts';

const server = await startProvider();
const fake = await startFakeModel();
const opened: (ModelClient | ModelGateway)[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
  server.seen.splice(0);
  fake.control({ answer: {}, behaviour: 'answer' });
});
after(async () => {
  server.close();
  await fake.close();
});
const signal = new AbortController().signal;
const HELLO = { messages: [{ role: 'user' as const, content: 'hello' }], parameters: {} };

describe('a gateway', () => {
  const open = (environment: NodeJS.ProcessEnv): ModelGateway => {
    const gateway = createModelGateway({ environment: () => environment });
    opened.push(gateway);
    return gateway;
  };
  const pass = { run: 'run', runConcurrency: 100, signal };

  it('embeds texts through the same door, with real and simulated models', async () => {
    const model = modelPlanOf();
    const real = await open({ SYGRA_WRITER_URL: fake.url }).embed({ ...pass, model, texts: ['a black cat', 'tax law'] });
    const simulated = await open({}).embed({ ...pass, model, texts: ['a black cat', 'tax law'] });
    assert.equal(real.endpoint, fake.url);
    assert.deepEqual(real.vectors, simulated.vectors);
    assert.ok(real.promptTokens > 0);
  });

  it('says what the models can do, and nothing where they are set up wrongly', async () => {
    assert.deepEqual(await open({}).capabilities(modelPlanOf()), { structuredOutput: true, samples: true, tools: true, scores: true });
    const real = open({ SYGRA_WRITER_URL: fake.url });
    assert.deepEqual(await real.capabilities(modelPlanOf({ type: 'tgi' })), { structuredOutput: true, samples: false, tools: true, scores: true });
    assert.equal((await open({ SYGRA_WRITER_URL: 'nonsense' }).capabilities(modelPlanOf())).tools, false);
  });

  it('says that a provider has no embeddings', async () => {
    const embedding = open({ SYGRA_WRITER_URL: fake.url }).embed({ ...pass, model: modelPlanOf({ type: 'anthropic' }), texts: ['x'] });
    await assert.rejects(embedding, (error: ModelCallError) => error.kind === 'configuration' && /no embeddings/.test(error.message));
  });

  it('sends what is materialised when the attempt starts, and tells when that is over', async () => {
    let released = 0;
    const materialise = async (): Promise<{ request: typeof HELLO; release: () => void }> => ({
      request: { ...HELLO, messages: [{ role: 'user', content: 'the real thing' }] },
      release: () => void released++,
    });
    const { answer } = await open({ SYGRA_WRITER_URL: fake.url }).call({ ...pass, model: modelPlanOf(), request: HELLO, materialise });
    assert.match(answer.message.content as string, /^the real thing/);
    assert.equal(released, 1);
  });

  it('cuts special tokens out of answers', async () => {
    fake.control({ answer: { text: ' <s>yes<|im_end|>\n' } });
    const gateway = open({ SYGRA_WRITER_URL: fake.url });
    const { answer } = await gateway.call({ ...pass, model: modelPlanOf({ specialTokens: ['<s>', '<|im_end|>'] }), request: HELLO });
    assert.equal(answer.message.content, 'yes');
  });

  it('lets the delay of a model pass between the starts of two calls', async () => {
    const starts: number[] = [];
    const gateway = open({ SYGRA_WRITER_URL: fake.url });
    const model = modelPlanOf({ delaySeconds: 0.05 });
    await Promise.all([1, 2, 3].map(() => gateway.call({ ...pass, model, request: HELLO, onStart: () => void starts.push(Date.now()) })));
    assert.ok((starts[1] ?? 0) - (starts[0] ?? 0) >= 45 && (starts[2] ?? 0) - (starts[1] ?? 0) >= 45, starts.join());
  });
});

describe('Vertex AI', () => {
  it('is sent a token that a signed request of the service account was exchanged for, once', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const account = {
      client_email: 'robot@project.iam.gserviceaccount.com',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      token_uri: `${server.url}/token`,
    };
    const client = await clientFor({ type: 'vertex_ai', url: server.url, key: JSON.stringify(account) });
    opened.push(client);
    server.answer('vertex_ai', 'answer');
    await client.complete(HELLO, signal);
    await client.complete(HELLO, signal);
    const [exchange, first, second, ...others] = server.seen;
    assert.deepEqual([exchange?.path, first?.headers.authorization, second?.headers.authorization, others], ['/token', 'Bearer ya29.a-token-of-google', 'Bearer ya29.a-token-of-google', []]);
    const [head, claims, signature] = (new URLSearchParams(exchange?.text).get('assertion') ?? '').split('.') as [string, string, string];
    assert.ok(createVerify('RSA-SHA256').update(`${head}.${claims}`).verify(publicKey, signature, 'base64url'));
    const { iss, aud, exp, iat } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>;
    assert.deepEqual([iss, aud, Number(exp) - Number(iat)], [account.client_email, account.token_uri, 3600]);
  });
});

describe('endpoints', () => {
  const urlOf = (changes: Partial<ModelPlan>, environment: NodeJS.ProcessEnv): string[] =>
    resolveEndpoints(modelPlanOf(changes), environment).map(({ url }) => url);
  const AWS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'a-secret-of-aws-1234' };

  it('are what each provider has, from its own variables or those of the model', () => {
    assert.deepEqual(urlOf({ type: 'anthropic' }, { ANTHROPIC_API_KEY: 'k' }), ['https://api.anthropic.com']);
    assert.deepEqual(urlOf({ type: 'anthropic' }, { SYGRA_WRITER_URL: 'https://h/v1/messages' }), ['https://h']);
    assert.deepEqual(urlOf({ type: 'mistralai' }, { MISTRAL_API_KEY: 'k' }), ['https://api.mistral.ai/v1']);
    assert.deepEqual(urlOf({ type: 'ollama' }, { OLLAMA_HOST: 'localhost:11434' }), ['http://localhost:11434']);
    assert.deepEqual(urlOf({ type: 'ollama' }, { SYGRA_WRITER_URL: 'http://h:11434/v1/chat/completions|http://g/api/chat' }), ['http://h:11434', 'http://g']);
    assert.deepEqual(urlOf({ type: 'http' }, { SYGRA_WRITER_URL: 'https://h/a/b?c=1' }), ['https://h/a/b?c=1']);
    assert.deepEqual(urlOf({ name: 'gpt-4o' }, { 'SYGRA_GPT-4O_URL': 'http://h/v1' }), ['http://h/v1']);
  });

  it('of clouds are named by region and project', () => {
    assert.deepEqual(urlOf({ type: 'bedrock' }, { ...AWS, AWS_REGION: 'eu-west-1' }), ['https://bedrock-runtime.eu-west-1.amazonaws.com']);
    assert.deepEqual(urlOf({ type: 'bedrock' }, {}), []);
    assert.throws(() => urlOf({ type: 'bedrock' }, AWS), /set SYGRA_WRITER_AWS_REGION_NAME or AWS_REGION/);
    const google = { SYGRA_WRITER_VERTEX_CREDENTIALS: '{}', SYGRA_WRITER_VERTEX_LOCATION: 'us-east1' };
    assert.deepEqual(urlOf({ type: 'vertex_ai' }, { ...google, SYGRA_WRITER_VERTEX_PROJECT: 'p' }), ['https://us-east1-aiplatform.googleapis.com/v1/projects/p/locations/us-east1/endpoints/openapi']);
    assert.throws(() => urlOf({ type: 'vertex_ai' }, google), /SYGRA_WRITER_VERTEX_PROJECT/);
  });
});

describe('a strict schema', () => {
  it('allows nothing beside its properties, and requires all of them', () => {
    const schema = { type: 'object', properties: { a: { type: 'string', minLength: 2, default: 'x' }, b: { type: 'array', items: { type: 'object', properties: { c: { type: 'integer' } } } } } };
    assert.deepEqual(strictSchema(schema), {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'array', items: { type: 'object', properties: { c: { type: 'integer' } }, required: ['c'], additionalProperties: false } } },
      required: ['a', 'b'],
      additionalProperties: false,
    });
  });

  it('does not exist where the schema allows what strict mode has no word for', () => {
    for (const inner of [{ type: 'object' }, { type: 'object', additionalProperties: { type: 'string' } }, {}, { allOf: [{ type: 'string' }] }, { type: 'object', properties: {}, additionalProperties: true }]) {
      assert.equal(strictSchema({ type: 'object', properties: { inner } }), null, JSON.stringify(inner));
    }
  });
});

describe('the template of a body', () => {
  it('is filled, and its paths are read, without ever throwing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.dictionary(fc.constantFrom('a', 'prompt'), fc.jsonValue()), fc.string(), (template, values, path) => {
        fillPayload(template as JsonValue, values as Record<string, JsonValue>);
        valueAtPath(template as JsonValue, path);
        readFailureBody(JSON.stringify(template));
      }),
    );
  });

  it('leaves out what has no value, and reads JSON within texts', () => {
    assert.deepEqual(fillPayload({ a: '{a}', b: ['{b}', 'x{a}{b}'], c: { d: '{b}' } }, { a: [1] }), { a: [1], b: ['x[1]{b}'], c: {} });
    assert.equal(valueAtPath({ outputs: [{ data: ['{"text": "yes"}'] }] }, 'outputs[0].data[0].text'), 'yes');
    assert.equal(valueAtPath({ a: 'plain' }, '$.a.b'), undefined);
  });
});

describe('the wait that a provider asks for', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  const wait = (headers: Record<string, string>): number | undefined => parseRetryAfter((name) => headers[name] ?? null, now);
  it('is until the limit that is used up begins anew', () => {
    assert.equal(wait({ 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '6m0s', 'x-ratelimit-remaining-requests': '5', 'x-ratelimit-reset-requests': '9h' }), 360_000);
    assert.equal(wait({ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '20ms' }), 20);
    assert.equal(wait({ 'anthropic-ratelimit-input-tokens-remaining': '0', 'anthropic-ratelimit-input-tokens-reset': '2026-01-01T00:00:30Z' }), 30_000);
    assert.equal(wait({ 'x-ratelimit-remaining-tokens': '7', 'x-ratelimit-reset-tokens': '6m0s' }), undefined);
  });
  it('is read from any header without throwing', () => {
    fc.assert(fc.property(fc.string(), (text) => {
      const said = parseRetryAfter((name) => (name.includes('remaining') ? '0' : text), now);
      assert.ok(said === undefined || (said >= 0 && said <= 3_600_000));
    }));
  });
});
