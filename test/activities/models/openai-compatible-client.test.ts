import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { after, afterEach, test } from 'node:test';
import { ModelCallError } from '../../../activities/models/model-call-error.ts';
import type { ModelClient, ModelRequest } from '../../../activities/models/model-client.ts';
import { createClient } from '../../../activities/models/providers/vllm.ts';
import { createClient as createAzureClient } from '../../../activities/models/providers/azure-openai.ts';
import { startFakeModel } from '../../../fake-model/start-fake-model.ts';
import type { Behaviour } from '../../../fake-model/script.ts';
import type { ModelPlan } from '../../../pipeline/plan.ts';
import { modelPlanOf } from './model-plan-of.ts';

const KEY = 'a-key-of-ours-1234';
const fake = await startFakeModel({ script: { requireKey: KEY } });
const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
  fake.control({ behaviour: 'answer', latencyMilliseconds: 0 });
});
after(() => fake.close());

function clientOf(url: string, changes: Partial<ModelPlan> = {}, key: string | null = KEY): ModelClient {
  const create = changes.type === 'azure_openai' ? createAzureClient : createClient;
  const client = create({
    model: modelPlanOf(changes),
    endpoint: { url, displayUrl: url, key, keyVariable: 'SYGRA_WRITER_TOKEN' },
    environment: { SYGRA_WRITER_TOKEN: key ?? '' },
  });
  opened.push(client);
  return client;
}

/** A server of the test's own, for what the fake model does not do. */
async function serve(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  opened.push({ close: () => (server.closeAllConnections(), server.close()) });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

const REQUEST: ModelRequest = {
  messages: [{ role: 'user', content: 'hello there' }],
  parameters: { max_tokens: 20, stream: true },
};
const never = new AbortController().signal;

async function failureOf(client: ModelClient, signal = never): Promise<ModelCallError> {
  const error = await client.complete(REQUEST, signal).then(
    () => assert.fail('the call should have failed'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ModelCallError, `not a ModelCallError: ${String(error)}`);
  return error;
}

test('answers with message, usage and model', async () => {
  const answer = await clientOf(fake.url).complete(REQUEST, never);
  assert.equal(answer.message.role, 'assistant');
  assert.match(answer.message.content as string, /^hello there: /);
  assert.equal(answer.finishReason, 'stop');
  assert.equal(answer.refusal, null);
  assert.ok(answer.usage.promptTokens > 0 && answer.usage.completionTokens > 0);
  assert.equal(answer.answeredBy, 'fake');
});

test('sends model, messages, parameters, headers and key, and never asks for a stream', async () => {
  let seen: { headers: Record<string, unknown>; body: unknown; url: string | undefined } | undefined;
  const url = await serve((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      seen = { headers: request.headers, body: JSON.parse(body), url: request.url };
      response.setHeader('content-type', 'application/json').end('{"choices":[{"message":{"content":"é"}}]}');
    });
  });
  const client = clientOf(url, { modelId: 'm-1', headers: { 'X-Team': 'blue' } });
  for (let call = 0; call < 2; call++) {
    assert.equal((await client.complete(REQUEST, never)).message.content, 'é');
    assert.equal(seen?.headers.authorization, `Bearer ${KEY}`);
    assert.equal(seen.headers['x-team'], 'blue');
    assert.equal(seen.headers['content-type'], 'application/json');
    assert.deepEqual(seen.body, { max_tokens: 20, model: 'm-1', messages: REQUEST.messages });
  }
});

test('speaks to an Azure deployment with its version and header', async () => {
  let seen: { url: string | undefined; key: unknown; authorization: unknown } | undefined;
  const url = await serve((request, response) => {
    seen = { url: request.url, key: request.headers['api-key'], authorization: request.headers.authorization };
    request.resume();
    response.setHeader('content-type', 'application/json').end('{"choices":[{"message":{"content":"ok"}}]}');
  });
  const base = url.replace('/v1', '/openai/deployments/d');
  await clientOf(base, { type: 'azure_openai', apiVersion: '2024-06-01' }).complete(REQUEST, never);
  assert.deepEqual(seen, {
    url: '/openai/deployments/d/chat/completions?api-version=2024-06-01',
    key: KEY,
    authorization: undefined,
  });
});

test('sends no key where there is none', async () => {
  let authorization: string | undefined = 'unset';
  const url = await serve((request, response) => {
    authorization = request.headers.authorization;
    request.resume();
    response.setHeader('content-type', 'application/json').end('{"choices":[{"message":{"content":"ok"}}]}');
  });
  await clientOf(url, {}, null).complete(REQUEST, never);
  assert.equal(authorization, undefined);
});

test('hands on refusals and cut answers as the provider marks them', async () => {
  fake.control({ behaviour: 'refuse' });
  const refused = await clientOf(fake.url).complete(REQUEST, never);
  assert.deepEqual([refused.message.content, typeof refused.refusal], ['', 'string']);
  fake.control({ behaviour: 'length' });
  assert.equal((await clientOf(fake.url).complete(REQUEST, never)).finishReason, 'length');
});

const FAKE_FAILURES: [Behaviour, ModelCallError['kind'], ModelCallError['reason']][] = [
  [400, 'permanent', 'rejected'],
  [402, 'configuration', 'quota'],
  [403, 'configuration', 'unauthorized'],
  [404, 'configuration', 'unknown_model'],
  [408, 'passing', 'timeout'],
  [409, 'passing', 'server_error'],
  [425, 'passing', 'server_error'],
  [422, 'permanent', 'rejected'],
  [429, 'passing', 'overloaded'],
  [500, 'passing', 'server_error'],
  [503, 'passing', 'server_error'],
  [302, 'configuration', 'rejected'],
  ['cut_connection', 'passing', 'connection'],
  ['cut_body', 'passing', 'connection'],
  ['bad_json', 'passing', 'malformed_answer'],
  ['empty_choices', 'passing', 'malformed_answer'],
  ['huge', 'permanent', 'malformed_answer'],
];
for (const [behaviour, kind, reason] of FAKE_FAILURES) {
  test(`takes ${behaviour} for a ${kind} failure: ${reason}`, async () => {
    fake.control({ behaviour });
    const error = await failureOf(clientOf(fake.url));
    assert.deepEqual([error.kind, error.reason], [kind, reason], error.message);
    assert.ok(error.message.includes(fake.url) && error.message.includes('"writer"'), error.message);
    assert.equal(
      error.status,
      typeof behaviour === 'number' ? behaviour : behaviour === 'empty_choices' ? 200 : undefined,
    );
  });
}

const BODIES: [string, number, string, ModelCallError['kind'], ModelCallError['reason']][] = [
  [
    'an exhausted quota',
    429,
    '{"error":{"message":"You exceeded your quota","code":"insufficient_quota"}}',
    'configuration',
    'quota',
  ],
  ['a path that is missing', 404, '{"detail":"Not Found"}', 'configuration', 'unknown_model'],
  [
    'a file that is missing',
    404,
    '{"error":{"message":"No such file","code":"file_not_found"}}',
    'permanent',
    'rejected',
  ],
  [
    'an unknown model with status 400',
    400,
    '{"error":{"message":"Invalid","code":"invalid_model"}}',
    'configuration',
    'unknown_model',
  ],
  ['a content filter', 400, '{"error":{"message":"filtered","code":"content_filter"}}', 'permanent', 'rejected'],
  [
    'a moderated prompt with status 403',
    403,
    '{"error":{"message":"your input was flagged","code":"moderation"}}',
    'permanent',
    'rejected',
  ],
  ['a page instead of an answer', 200, '<html>log in</html>', 'passing', 'malformed_answer'],
  ['nothing instead of an answer', 200, '', 'passing', 'malformed_answer'],
  ['a list instead of an answer', 200, '[]', 'passing', 'malformed_answer'],
  ['choices of the wrong shape', 200, '{"choices":[{"message":{"content":7}}]}', 'passing', 'malformed_answer'],
];
for (const [what, status, body, kind, reason] of BODIES) {
  test(`takes ${what} for a ${kind} failure: ${reason}`, async () => {
    const url = await serve((_, response) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(body),
    );
    const error = await failureOf(clientOf(url));
    assert.deepEqual([error.kind, error.reason], [kind, reason], error.message);
  });
}

test('names the variable that holds a wrong key, and never the key', async () => {
  const url = await serve((_, response) =>
    response
      .writeHead(401, { 'content-type': 'application/json' })
      .end(JSON.stringify({ error: { message: `Incorrect API key provided: ${KEY}` } })),
  );
  const error = await failureOf(clientOf(url));
  assert.deepEqual([error.kind, error.reason], ['configuration', 'unauthorized']);
  assert.match(error.message, /SYGRA_WRITER_TOKEN/);
  assert.ok(!JSON.stringify([error.message, error.stack, String(error.cause)]).includes(KEY));
});

/** Takes connections and never says a word, so that no TLS handshake ends. */
async function serveSilence(): Promise<string> {
  const server = createTcpServer((socket) => opened.push({ close: () => socket.destroy() })).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  opened.push({ close: () => server.close() });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

test('gives up at once what has no connection yet when calls are no longer wanted', async () => {
  const stop = new AbortController();
  const call = clientOf(await serveSilence()).complete(REQUEST, new AbortController().signal, stop.signal);
  setTimeout(() => stop.abort(new Error('stopped')), 20);
  await assert.rejects(call, /^Error: stopped$/);
});

test('waits for what is under way when calls are no longer wanted', async () => {
  const stop = new AbortController();
  const url = await serve((_, response) => {
    stop.abort(new Error('stopped'));
    setTimeout(() => response.setHeader('content-type', 'application/json').end(JSON.stringify({ choices: [{ message: { content: 'late' } }] })), 20);
  });
  const answer = await clientOf(url).complete(REQUEST, new AbortController().signal, stop.signal);
  assert.equal(answer.message.content, 'late');
});

test('says which variable to set where a call without a key is refused', async () => {
  const url = await serve((_, response) => response.writeHead(401).end());
  const error = await failureOf(clientOf(url, {}, null));
  assert.match(error.message, /answered 401\. The call went out without a key: set SYGRA_WRITER_TOKEN and resume the run/);
});

for (const [what, headers, milliseconds] of [
  ['seconds', { 'retry-after': '3' }, 3000],
  ['milliseconds', { 'retry-after-ms': '250', 'retry-after': '9' }, 250],
  ['nonsense', { 'retry-after': 'soon' }, undefined],
] as const) {
  test(`reads Retry-After given as ${what}`, async () => {
    const url = await serve((_, response) => response.writeHead(429, { ...headers }).end('{}'));
    const { retryAfterMilliseconds: wait } = await failureOf(clientOf(url));
    assert.equal(wait, milliseconds);
  });
}

test('reads Retry-After given as a date', async () => {
  const url = await serve((_, response) =>
    response.writeHead(429, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() }).end('{}'),
  );
  const { retryAfterMilliseconds: wait } = await failureOf(clientOf(url));
  assert.ok(wait !== undefined && wait > 30_000 && wait <= 60_000, `${wait} ms`);
});

test('gives up an answer that never comes', async () => {
  fake.control({ behaviour: 'hang' });
  const error = await failureOf(clientOf(fake.url, { timeoutSeconds: 0.2 }));
  assert.deepEqual([error.kind, error.reason], ['passing', 'timeout']);
});

test('gives up an answer whose body trickles beyond the time limit', async () => {
  const url = await serve((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const trickle = setInterval(() => response.write(' '), 30);
    response.on('close', () => clearInterval(trickle));
  });
  const error = await failureOf(clientOf(url, { timeoutSeconds: 0.3 }));
  assert.equal(error.reason, 'timeout');
});

test('says that nobody listens where connections are refused', async () => {
  const error = await failureOf(clientOf('http://127.0.0.1:9/v1'));
  assert.deepEqual([error.kind, error.reason, error.status], ['passing', 'connection', undefined]);
  assert.match(error.message, /refuses connections/);
});

test('ends with the reason of its signal when it is cancelled', async () => {
  fake.control({ behaviour: 'hang' });
  const controller = new AbortController();
  const call = clientOf(fake.url).complete(REQUEST, controller.signal);
  setTimeout(() => controller.abort(new Error('the run was cancelled')), 50);
  await assert.rejects(call, /the run was cancelled/);
});

test('sends hundreds of calls with one signal at once', async () => {
  fake.control({ latencyMilliseconds: 20 });
  const client = clientOf(fake.url);
  const answers = await Promise.all(Array.from({ length: 300 }, () => client.complete(REQUEST, never)));
  assert.equal(answers.length, 300);
});

test('knows by a probe whether anybody is there', async () => {
  assert.equal(await clientOf(fake.url).probe(never), true);
  fake.control({ behaviour: 500 });
  assert.equal(await clientOf(fake.url).probe(never), false);
  assert.equal(await clientOf('http://127.0.0.1:9/v1').probe(never), false);
});
