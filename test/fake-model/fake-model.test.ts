import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, beforeEach, test } from 'node:test';
import { startFakeModel, type FakeModelServer } from '../../fake-model/start-fake-model.ts';
import type { FakeModelScript } from '../../fake-model/script.ts';

let server: FakeModelServer = await startFakeModel();
beforeEach(async () => {
  await server.close();
  server = await startFakeModel();
});
after(() => server.close());

interface Reply {
  status: number;
  headers: Headers;
  body: {
    choices: { message: { content: string | null; refusal: string | null }; text: string; finish_reason: string }[];
    usage: { prompt_tokens: number };
    error: { code: string; message: string };
  };
}

async function ask(prompt: string, headers: Record<string, string> = {}): Promise<Reply> {
  const response = await fetch(`${server.url}/chat/completions`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: prompt }] }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Reply['body'] };
}

const textOf = (reply: Reply): string => reply.body.choices[0]?.message.content ?? '';
const root = (path: string): string => server.url.replace('/v1', path);

test('gives the same request the same answer, and another request another, beginning with its prompt', async () => {
  const [first, again, other] = await Promise.all([ask('tell me one'), ask('tell me one'), ask('tell me two')]);
  assert.equal(textOf(first), textOf(again));
  assert.notEqual(textOf(first), textOf(other));
  assert.match(textOf(first), /^tell me one: /);
  assert.ok(first.body.usage.prompt_tokens > 0);
});

test('writes JSON from templates', async () => {
  server.control({ answer: { json: { title: 'About {prompt}', score: 4, tags: ['{hash}'] } } });
  const answer = JSON.parse(textOf(await ask('cats'))) as { title: string; score: number; tags: string[] };
  assert.equal(answer.title, 'About cats');
  assert.equal(answer.score, 4);
  assert.match(answer.tags[0] ?? '', /^[0-9a-f]+$/);
});

test('answers plain completions and lists its models', async () => {
  const response = await fetch(`${server.url}/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'm', prompt: 'once' }),
  });
  assert.match(((await response.json()) as Reply['body']).choices[0]?.text ?? '', /^once: /);
  const models = (await (await fetch(`${server.url}/models`)).json()) as { data: unknown[] };
  assert.equal(models.data.length, 1);
});

test('fails the prompts that a rule matches, as often as it says', async () => {
  server.control({
    rules: [
      { match: 'poison', behaviour: 500 },
      { match: 'weak', behaviour: 503, times: 1 },
    ],
  });
  assert.equal((await ask('a poison record')).status, 500);
  assert.equal((await ask('a good record')).status, 200);
  assert.equal((await ask('a weak record')).status, 503);
  assert.equal((await ask('a weak record')).status, 200);
});

test('answers 429 with Retry-After above its limit in flight', async () => {
  server.control({ maxInFlight: 3, latencyMilliseconds: 500, retryAfterSeconds: 2 });
  const replies = await Promise.all(Array.from({ length: 10 }, (_, index) => ask(`record ${index}`)));
  const rejected = replies.filter(({ status }) => status === 429);
  assert.equal(rejected.length, 7);
  assert.equal(rejected[0]?.headers.get('retry-after'), '2');
});

test('fails the share of calls that it is told to, the same ones for the same seed', async () => {
  const statuses = async (): Promise<number[]> => {
    server.control({ failureRate: 0.5, failureWeights: { '429': 1, '500': 1 }, seed: 5 });
    const seen: number[] = [];
    for (let index = 0; index < 40; index++) seen.push((await ask(`record ${index}`)).status);
    return seen;
  };
  const first = await statuses();
  assert.deepEqual(await statuses(), first);
  assert.deepEqual([...new Set(first)].sort(), [200, 429, 500]);
});

test('answers with one status from a given call on, until it is told otherwise', async () => {
  server.control({ failAfterCalls: { count: 2, status: 401 } });
  assert.deepEqual([(await ask('1')).status, (await ask('2')).status, (await ask('3')).status], [200, 200, 401]);
  server.control({ failAfterCalls: null });
  assert.equal((await ask('3')).status, 200);
});

test('wants the key that it is told to want', async () => {
  server.control({ requireKey: 'the-key' });
  assert.equal((await ask('x')).status, 401);
  assert.equal((await ask('x', { authorization: 'Bearer the-key' })).status, 200);
  assert.equal((await ask('x', { 'api-key': 'the-key' })).status, 200);
});

for (const [behaviour, expected] of [
  ['length', { finish_reason: 'length' }],
  ['refuse', { content: null }],
  ['empty', { content: '' }],
  ['content_filter', { finish_reason: 'content_filter' }],
] as const) {
  test(`can answer with ${behaviour}`, async () => {
    server.control({ behaviour });
    const choice = (await ask('x')).body.choices[0];
    const flat: Record<string, unknown> = { ...choice?.message, finish_reason: choice?.finish_reason };
    for (const [key, value] of Object.entries(expected)) assert.equal(flat[key], value);
  });
}

for (const behaviour of ['cut_connection', 'cut_body', 'bad_json'] as const) {
  test(`can break an answer by ${behaviour}`, async () => {
    server.control({ behaviour });
    await assert.rejects(ask('x'));
  });
}

test('can answer without choices and with 5 MB', async () => {
  server.control({ behaviour: 'empty_choices' });
  assert.deepEqual((await ask('x')).body.choices, []);
  server.control({ behaviour: 'huge' });
  assert.ok(textOf(await ask('x')).length > 5_000_000);
});

test('counts a call that it never answers as abandoned once its caller leaves', async () => {
  server.control({ behaviour: 'hang' });
  const body = JSON.stringify({ messages: [{ role: 'user', content: 'x' }] });
  const leaving = AbortSignal.timeout(100);
  await assert.rejects(fetch(`${server.url}/chat/completions`, { method: 'POST', body, signal: leaving }));
  while (server.stats().inFlight > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(server.stats().byStatus.abandoned, 1);
});

test('counts calls, and names prompts that were answered twice', async () => {
  await Promise.all([ask('a'), ask('b'), ask('c')]);
  await ask('b');
  const stats = (await (await fetch(root('/stats'))).json()) as ReturnType<FakeModelServer['stats']>;
  assert.equal(stats.calls, 4);
  assert.deepEqual(stats.byStatus, { 200: 4 });
  assert.equal(stats.distinctPrompts, 3);
  assert.equal(stats.repeatedAnswers, 1);
  assert.deepEqual(stats.repeatedPrompts, ['b']);
  await fetch(root('/reset'), { method: 'POST' });
  assert.equal(server.stats().calls, 0);
});

test('takes a new script over HTTP, and names what is wrong with a bad one', async () => {
  const control = (script: unknown): Promise<Response> =>
    fetch(root('/control'), { method: 'POST', body: JSON.stringify(script) });
  await control({ behaviour: 503 } satisfies FakeModelScript);
  assert.equal((await ask('x')).status, 503);
  const bad = await control({ latency: 3 });
  assert.equal(bad.status, 400);
  assert.match(((await bad.json()) as Reply['body']).error.message, /Unknown key "latency".*latencyMilliseconds/);
  assert.match(
    ((await (await control({ behaviour: 'sleep' })).json()) as Reply['body']).error.message,
    /Unknown behaviour "sleep"/,
  );
  const inRule = await control({ rules: [{ match: 'x', status: 500 }] });
  assert.match(((await inRule.json()) as Reply['body']).error.message, /Unknown key "status" in a rule; allowed are match, behaviour, answer, times/);
});

test('refuses connections for a while and comes back on the same port', async () => {
  const back = server.refuseConnectionsFor(150);
  await assert.rejects(ask('x'));
  await back;
  assert.equal((await ask('x')).status, 200);
});

test('runs as a process of its own, says where it listens, and ends with its input', async () => {
  const main = new URL('../../fake-model/main.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', main, '{"behaviour": 418, "endWithInput": true}'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { url } = JSON.parse(line) as { url: string };
  const response = await fetch(`${url}/chat/completions`, {
    method: 'POST',
    body: '{"messages": [{"role": "user", "content": "x"}]}',
  });
  assert.equal(response.status, 418);
  child.stdin.end();
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});
