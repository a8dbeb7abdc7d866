import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { renderTemplate } from '../../../activities/models/completions/render-template.ts';
import { ModelCallError } from '../../../activities/models/model-call-error.ts';
import type { ModelAnswer, ModelClient } from '../../../activities/models/model-client.ts';
import type { CompletionsPlan, ModelType } from '../../../pipeline/plan.ts';
import { clientFor, startProvider } from './provider-server.ts';

const TEMPLATE = "{{ bos_token }}{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}{% if add_generation_prompt %}<|assistant|>{{ effort }}{% endif %}";
const PROMPT = '<s><|system|>Be brief.<|end|><|user|>hello<|end|><|assistant|>high';
const folder = await mkdtemp(join(tmpdir(), 'syngraph-template-'));
const server = await startProvider();
const opened: ModelClient[] = [];
afterEach(async () => {
  for (const client of opened.splice(0)) await client.close();
  server.seen.splice(0);
});
after(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

interface Ask {
  type?: ModelType;
  plan?: Partial<CompletionsPlan>;
  environment?: NodeJS.ProcessEnv;
}
const signal = new AbortController().signal;

async function ask({ type = 'vllm', plan = {}, environment = {} }: Ask): Promise<ModelAnswer> {
  const completions: CompletionsPlan = { templateModel: folder, ownTemplate: false, templateParameters: { effort: 'high' }, ...plan };
  const client = await clientFor({ type, url: type === 'ollama' ? server.url : `${server.url}/v1`, plan: { completions }, environment });
  opened.push(client);
  server.answer(type, 'completion');
  return client.complete(
    { messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: [{ type: 'text', text: 'hello' }] }], parameters: { max_tokens: 5 } },
    signal,
  );
}

async function writeTokenizer(configuration: unknown, template: string | null = null): Promise<void> {
  await rm(join(folder, 'chat_template.jinja'), { force: true });
  await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify(configuration));
  if (template !== null) await writeFile(join(folder, 'chat_template.jinja'), template);
}

for (const [what, configuration, template] of [
  ['its configuration', { bos_token: '<s>', chat_template: TEMPLATE }, null],
  ['a list of named templates', { bos_token: { content: '<s>' }, chat_template: [{ name: 'tool_use', template: 'no' }, { name: 'default', template: TEMPLATE }] }, null],
  ['a file of its own', { bos_token: '<s>' }, TEMPLATE],
] as const) {
  test(`asks the completions API with the chat template that a folder has in ${what}`, async () => {
    await writeTokenizer(configuration, template);
    const answer = await ask({});
    const [seen] = server.seen;
    assert.equal(seen?.path, '/v1/completions');
    assert.deepEqual(seen.body, { max_tokens: 5, model: 'some-model', prompt: PROMPT });
    assert.deepEqual([answer.message.content, answer.finishReason], [' It is 21 degrees.', 'stop']);
  });
}

test('asks Ollama without a template of its own', async () => {
  await writeTokenizer({ bos_token: '<s>', chat_template: TEMPLATE });
  const answer = await ask({ type: 'ollama' });
  assert.deepEqual(server.seen[0]?.body, { model: 'some-model', stream: false, options: { num_predict: 5 }, prompt: PROMPT, raw: true });
  assert.equal(answer.message.content, ' It is 21 degrees.');
});

test('takes the template from the environment where the tokenizer is to be modified', async () => {
  const environment = { SYGRA_WRITER_CHAT_TEMPLATE: '{{ messages[1].content }}!' };
  await ask({ plan: { ownTemplate: true }, environment });
  assert.equal(server.seen[0]?.body.prompt, 'hello!');
});

async function failureOf(options: Ask): Promise<ModelCallError> {
  const error = await ask(options).then(() => assert.fail('it should have failed'), (reason: unknown) => reason);
  assert.ok(error instanceof ModelCallError, String(error));
  return error;
}

test('says which variable to set where there is no template', async () => {
  const error = await failureOf({ plan: { ownTemplate: true, templateModel: null } });
  assert.equal(error.kind, 'configuration');
  assert.match(error.message, /set SYGRA_WRITER_CHAT_TEMPLATE, or name a model/);
  await writeTokenizer({});
  assert.match((await failureOf({})).message, /has no chat template/);
  assert.match((await failureOf({ plan: { templateModel: 'neither folder nor repository' } })).message, /neither a folder nor a repository/);
});

test('fails the record that a template refuses', async () => {
  await writeTokenizer({ chat_template: "{{ raise_exception('no system messages') }}" });
  const error = await failureOf({});
  assert.deepEqual([error.kind, /no system messages/.test(error.message)], ['permanent', true]);
});

test('reads a template from the Hub, once, and says what it needs where the Hub refuses', async () => {
  const asked: string[] = [];
  const hub = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization ?? ''}`);
    if (request.url?.startsWith('/gated/') === true) return void response.writeHead(401).end();
    if (request.url?.endsWith('.jinja') === true) return void response.writeHead(404).end();
    response.end(JSON.stringify({ bos_token: '<s>', chat_template: TEMPLATE }));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => hub.once('listening', resolve));
  const environment = { HF_ENDPOINT: `http://127.0.0.1:${(hub.address() as AddressInfo).port}`, HF_TOKEN: 'hf_atokenofours' };
  const client = await clientFor({ type: 'vllm', url: `${server.url}/v1`, plan: { completions: { templateModel: 'org/model', ownTemplate: false, templateParameters: { effort: 'high' } } }, environment });
  opened.push(client);
  server.answer('vllm', 'completion');
  const request = { messages: [{ role: 'system' as const, content: 'Be brief.' }, { role: 'user' as const, content: 'hello' }], parameters: {} };
  await Promise.all([client.complete(request, signal), client.complete(request, signal)]);
  assert.equal(server.seen[0]?.body.prompt, PROMPT);
  assert.deepEqual(asked, ['/org/model/resolve/main/tokenizer_config.json Bearer hf_atokenofours', '/org/model/resolve/main/chat_template.jinja Bearer hf_atokenofours']);
  assert.match((await failureOf({ plan: { templateModel: 'gated/model' }, environment })).message, /answered 401 .* set HF_TOKEN/);
  hub.closeAllConnections();
  hub.close();
});

test('ends templates that go on for too long', () => {
  const loops = '{% set r = range(1000) %}{% for a in r %}{% for b in r %}{% for c in r %}x{% endfor %}{% endfor %}{% endfor %}';
  assert.throws(() => renderTemplate(loops, {}), /more than 100000 steps/);
  assert.throws(() => renderTemplate('{% for a in range(100000000) %}x{% endfor %}', {}), /range of more than/);
  assert.match(renderTemplate("{{ strftime_now('%Y-%m-%d') }}", {}), /^\d{4}-\d\d-\d\d$/);
});
