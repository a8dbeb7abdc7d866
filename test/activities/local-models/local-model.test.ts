import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { convertGguf } from '../../../activities/local-models/convert/convert-gguf.ts';
import { LocalModel } from '../../../activities/local-models/local-model.ts';
import { LocalModelError } from '../../../activities/local-models/local-model-error.ts';
import { LocalTokenizer } from '../../../activities/local-models/local-tokenizer.ts';
import { LocalRequestError } from '../../../activities/local-models/run/request-error.ts';
import type { GenerateRequest } from '../../../activities/local-models/run/model-protocol.ts';
import { REFERENCE, writeTinyGguf } from './tiny-model.ts';

const ENDS = [0, 2];
const { signal } = new AbortController();
let folder = '';
let exact: LocalModel;
let tokenizer: LocalTokenizer;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'syngraph-local-'));
  const source = join(folder, 'tiny.gguf');
  await writeTinyGguf(source);
  convertGguf({ source, folder: join(folder, 'exact'), precision: 'float32' });
  convertGguf({ source, folder: join(folder, 'eight-bit') });
  exact = new LocalModel(join(folder, 'exact'));
  tokenizer = new LocalTokenizer(join(folder, 'exact'));
});
after(async () => {
  await exact.close();
  await rm(folder, { recursive: true, force: true });
});

function requestOf(content: string, changes: Partial<GenerateRequest> & { temperature?: number } = {}): GenerateRequest {
  const { temperature = 0, ...others } = changes;
  const sampling = { temperature, topP: 1, topK: 0, minP: 0, repetitionPenalty: 1, frequencyPenalty: 0, presencePenalty: 0 };
  return { messages: [{ role: 'user', content }], sampling, stops: [], maximumTokens: 24, seed: 'one', ...others };
}

function textOf(ids: number[]): string {
  return Buffer.concat(ids.map((id) => tokenizer.bytesOf(id))).toString('utf8').replace(/�+$/, '');
}

function prompts(count: number): string[] {
  return REFERENCE.texts.slice(0, count).map(({ text }) => text);
}

test('200 texts have the tokens that the tokenizers library finds', () => {
  for (const { text, ids } of REFERENCE.texts) assert.deepEqual(tokenizer.encode(text), ids, text);
});

test('numbers that are no digits are cut from the space before them, as the tokenizers library does', async () => {
  const words = REFERENCE.words.map((word, id) => (id === REFERENCE.words.length - 1 ? 'ĠÂ' : word));
  await writeTinyGguf(join(folder, 'half.gguf'), { metadata: { 'tokenizer.ggml.tokens': words, 'tokenizer.ggml.merges': ['Ġ Â'] } });
  convertGguf({ source: join(folder, 'half.gguf'), folder: join(folder, 'half') });
  const found = new LocalTokenizer(join(folder, 'half')).encode(' ½').map((id) => words[id]);
  assert.deepEqual(found, ['Ġ', 'Â', '½']);
});

test('bytes that a vocabulary lacks are left out, as the tokenizers library does', async () => {
  const words = REFERENCE.words.map((word) => (word === 'z' ? 'never' : word));
  await writeTinyGguf(join(folder, 'gap.gguf'), { metadata: { 'tokenizer.ggml.tokens': words, 'tokenizer.ggml.merges': REFERENCE.merges.filter((pair) => !pair.includes('z')) } });
  convertGguf({ source: join(folder, 'gap.gguf'), folder: join(folder, 'gap') });
  assert.deepEqual(new LocalTokenizer(join(folder, 'gap')).encode('z5zz7z'), tokenizer.encode('57'));
});

test('the bytes of the tokens of a text are the text', () => {
  for (const { text, ids } of REFERENCE.texts) assert.equal(Buffer.concat(ids.map((id) => tokenizer.bytesOf(id))).toString('utf8'), text);
});

test('perplexities of 200 texts are those of an implementation in float64', async () => {
  const scores = await exact.score({ texts: REFERENCE.texts }, signal);
  for (const [index, { ids, nll }] of REFERENCE.texts.entries()) {
    const { tokens, perplexity } = scores[index] ?? assert.fail();
    assert.equal(tokens, ids.length);
    const wanted = Math.exp(nll / ids.length);
    assert.ok(Math.abs((perplexity ?? 0) / wanted - 1) < 1e-3, `text ${index}: ${perplexity}, not ${wanted}`);
  }
});

test('in eight bits the mean surprise of the texts stays within a hundredth', async () => {
  const model = new LocalModel(join(folder, 'eight-bit'));
  const scores = await model.score({ texts: REFERENCE.texts }, signal);
  await model.close();
  const sum = scores.reduce((total, { nll }) => total + nll, 0);
  const wanted = REFERENCE.texts.reduce((total, { nll }) => total + nll, 0);
  assert.ok(Math.abs(sum / wanted - 1) < 0.01, `${sum} instead of ${wanted}`);
});

test('a text longer than the context is scored in windows, each token but the first once', async () => {
  const text = REFERENCE.texts.map((each) => each.text).join(' ').slice(0, 6000);
  const [score, nothing] = await exact.score({ texts: [{ text }, { text: '' }] }, signal);
  assert.equal(score?.tokens, tokenizer.encode(text).length);
  assert.ok((score?.perplexity ?? 0) > 1);
  assert.deepEqual(nothing, { tokens: 0, nll: 0, perplexity: null });
});

test('greedy answers are token by token those of an implementation in float64 without a cache', async () => {
  const answers = await Promise.all(REFERENCE.greedy.map(({ prompt }) => exact.generate(requestOf(prompt), { signal })));
  for (const [index, { ids, prompt }] of REFERENCE.greedy.entries()) {
    const end = ids.findIndex((id) => ENDS.includes(id));
    const wanted = end < 0 ? ids : ids.slice(0, end);
    const answer = answers[index] ?? assert.fail();
    assert.equal(answer.text.replace(/�+$/, ''), textOf(wanted), prompt);
    assert.equal(answer.tokens, wanted.length);
    assert.equal(answer.finishReason, end < 0 ? 'length' : 'stop');
    assert.equal(answer.promptTokens, tokenizer.encode(prompt).length);
  }
});

test('twenty answers at once, of unequal length, are those that are given one at a time', async () => {
  const requests = prompts(20).map((prompt, index) => requestOf(prompt, { temperature: 1, seed: String(index), maximumTokens: 5 + 7 * (index % 13) }));
  const together = await Promise.all(requests.map((request) => exact.generate(request, { signal })));
  const apart = [];
  for (const request of requests) apart.push(await exact.generate(request, { signal }));
  assert.deepEqual(together, apart);
});

test('the seed decides the draw', async () => {
  const [prompt = ''] = prompts(1);
  const draw = async (seed: string): Promise<string> => (await exact.generate(requestOf(prompt, { temperature: 1, seed }), { signal })).text;
  assert.equal(await draw('a'), await draw('a'));
  assert.notEqual(await draw('a'), await draw('b'));
});

test('a stop text ends the answer and is not part of it, though it spans tokens', async () => {
  const [prompt = ''] = prompts(1);
  const whole = await exact.generate(requestOf(prompt), { signal });
  const stop = /[a-z]{3}/.exec(whole.text.slice(4))?.[0] ?? assert.fail(whole.text);
  const stopped = await exact.generate(requestOf(prompt, { stops: ['never in it', stop] }), { signal });
  assert.equal(stopped.finishReason, 'stop');
  // A character that has not come whole is left out where the answer ends.
  assert.equal(stopped.text, whole.text.slice(0, whole.text.indexOf(stop)).replace(/�+$/, ''));
});

test('a prompt that leaves no room is refused, and an answer ends where the context does', async () => {
  const long = prompts(40).join(' ');
  await assert.rejects(exact.generate(requestOf(long), { signal }), (error) => error instanceof LocalRequestError && /the model takes 256/.test(error.message));
  let prompt = '';
  while (tokenizer.encode(`${prompt} the`).length < 250) prompt += ' the';
  const { tokens, promptTokens } = await exact.generate(requestOf(prompt, { maximumTokens: 1000 }), { signal });
  assert.ok(tokens + promptTokens <= 256);
});

test('an answer that is given up is not waited for, and the others go on', async () => {
  const abort = new AbortController();
  const [first = '', second = ''] = prompts(2);
  const given = exact.generate(requestOf(first, { maximumTokens: 200 }), { signal: abort.signal, onStart: () => abort.abort(new Error('enough')) });
  const other = exact.generate(requestOf(second), { signal });
  await assert.rejects(given, /enough/);
  assert.deepEqual(await other, await exact.generate(requestOf(second), { signal }));
});

test('a folder without a model says what is missing', async () => {
  const model = new LocalModel(folder);
  await assert.rejects(model.generate(requestOf('x'), { signal }), (error) => error instanceof LocalModelError && /has no decoder\.onnx/.test(error.message));
  await assert.rejects(model.score({ texts: [{ text: 'x' }] }, signal), /has no model\.onnx/);
  await model.close();
  await assert.rejects(model.score({ texts: [{ text: 'x' }] }, signal), /has ended/);
});
