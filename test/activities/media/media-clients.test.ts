import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { createModelGateway } from '../../../activities/models/create-model-gateway.ts';
import { ModelCallError } from '../../../activities/models/model-call-error.ts';
import type { ModelAnswer, ModelRequest } from '../../../activities/models/model-client.ts';
import type { ModelGateway } from '../../../activities/models/model-gateway.ts';
import { smallPng, smallWav } from '../../../fake-model/small-files.ts';
import type { ModelPlan } from '../../../pipeline/plan.ts';
import { modelPlanOf } from '../models/model-plan-of.ts';

interface Seen {
  url: string;
  headers: IncomingHttpHeaders;
  text: string;
}

const PNG = smallPng(1).toString('base64');
const WAV = smallWav(1);
let answer: { status?: number; type?: string; body: string | Buffer };
const seen: Seen[] = [];
const gateways: ModelGateway[] = [];
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
    seen.push({ url: request.url ?? '', headers: request.headers, text: Buffer.concat(chunks).toString('latin1') });
    response.writeHead(answer.status ?? 200, { 'content-type': answer.type ?? 'application/json' }).end(answer.body);
  });
});
let origin = '';

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => void seen.splice(0));
after(async () => {
  await Promise.all(gateways.map((gateway) => gateway.close()));
  server.closeAllConnections();
  server.close();
});

const json = (value: unknown): { body: string } => ({ body: JSON.stringify(value) });
const IMAGE_PART = { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } };
const SOUND_PART = { type: 'input_audio', input_audio: { data: WAV.toString('base64'), format: 'wav' } };

async function ask(plan: Partial<ModelPlan>, request: Partial<ModelRequest>, path = '/v1'): Promise<ModelAnswer> {
  const gateway = createModelGateway({ environment: () => ({ SYGRA_WRITER_URL: origin + path, SYGRA_WRITER_TOKEN: 'a-key-of-ours-1234' }) });
  gateways.push(gateway);
  const signal = new AbortController().signal;
  const full = { messages: [{ role: 'user' as const, content: 'A red square' }], parameters: {}, ...request };
  return (await gateway.call({ model: modelPlanOf({ type: 'openai', ...plan }), request: full, run: 'r', runConcurrency: 1, signal })).answer;
}

const bodyOf = (): Record<string, unknown> => JSON.parse(seen[0]?.text ?? '{}') as Record<string, unknown>;

test('several images come as one answer each', async () => {
  answer = json({ created: 0, data: [{ b64_json: PNG }, { b64_json: PNG }], usage: { input_tokens: 7, output_tokens: 9 } });
  const { message, alternatives, usage } = await ask({ modelId: 'gpt-image-1' }, { parameters: { size: '1024x1024' }, samples: 2 });
  assert.deepEqual(bodyOf(), { size: '1024x1024', model: 'gpt-image-1', prompt: 'A red square', n: 2 });
  assert.deepEqual([seen[0]?.url, seen[0]?.headers.authorization], ['/v1/images/generations', 'Bearer a-key-of-ours-1234']);
  assert.deepEqual([message.content, alternatives?.[0]?.message.content], [[IMAGE_PART], [IMAGE_PART]]);
  assert.deepEqual([usage.promptTokens, usage.completionTokens], [7, 9]);
});

test('images in the prompt are edited, by a form with the files', async () => {
  answer = json({ data: [{ b64_json: PNG }] });
  await ask({ type: 'azure_openai', modelId: 'gpt-image-1', apiVersion: '2025-04-01-preview' }, { messages: [{ role: 'user', content: [IMAGE_PART, IMAGE_PART, { type: 'text', text: 'Make it blue' }] }] }, '');
  assert.deepEqual([seen[0]?.url, seen[0]?.headers['api-key']], ['/openai/deployments/gpt-image-1/images/edits?api-version=2025-04-01-preview', 'a-key-of-ours-1234']);
  assert.match(seen[0]?.headers['content-type'] ?? '', /^multipart\/form-data; boundary=/);
  assert.equal(seen[0]?.text.match(/name="image\[\]"; filename="file\.png"/g)?.length, 2);
  assert.match(seen[0]?.text ?? '', /name="prompt"\r\n\r\nMake it blue\r\n/);
  assert.ok(seen[0]?.text.includes(smallPng(1).toString('latin1')));
});

test('speech takes its voice and format from the parameters or from models.yaml, and raw sound becomes a WAV', async () => {
  answer = { type: 'audio/pcm', body: Buffer.alloc(400) };
  const { message } = await ask({ modelId: 'tts-1', media: { voice: 'nova', speed: 1.5 } }, { parameters: { audio: { response_format: 'pcm' } } });
  assert.deepEqual(bodyOf(), { voice: 'nova', response_format: 'pcm', speed: 1.5, model: 'tts-1', input: 'A red square' });
  assert.match(JSON.stringify(message.content), /"audio_url":\{"url":"data:audio\/wav;base64,UklGR/);
});

test('a transcription sends the sound as a file and the text beside it as its context', async () => {
  answer = json({ text: 'Hello.' });
  const messages = [{ role: 'user' as const, content: [SOUND_PART, { type: 'text', text: 'Names: Ada' }] }];
  assert.equal((await ask({ modelId: 'whisper-1', media: { language: 'en' } }, { messages })).message.content, 'Hello.');
  assert.equal(seen[0]?.url, '/v1/audio/transcriptions');
  for (const field of [/name="file"; filename="file\.wav"/, /name="language"\r\n\r\nen/, /name="prompt"\r\n\r\nNames: Ada/]) assert.match(seen[0]?.text ?? '', field);
  answer = { type: 'text/plain', body: '1\n00:00 --> 00:01\nHello.\n' };
  assert.equal((await ask({ type: 'vllm', media: { input_type: 'audio' } }, { messages, parameters: { response_format: 'srt' } })).message.content, '1\n00:00 --> 00:01\nHello.');
  await assert.rejects(ask({ modelId: 'whisper-1' }, {}), (error) => error instanceof ModelCallError && error.kind === 'permanent' && /takes one sound/.test(error.message));
});

test('a model that speaks is asked for sound, unless it is to tell of one', async () => {
  answer = json({ choices: [{ message: { content: null, audio: { data: WAV.toString('base64'), transcript: 'Hi' } }, finish_reason: 'stop' }] });
  const { message } = await ask({ modelId: 'gpt-audio' }, { parameters: { max_tokens: 9, audio: { voice: 'nova', format: 'wav' } } });
  assert.deepEqual([bodyOf()['modalities'], bodyOf()['audio'], bodyOf()['max_tokens']], [['text', 'audio'], { voice: 'nova', format: 'wav' }, 9]);
  assert.deepEqual((message.content as { type: string }[]).map(({ type }) => type), ['text', 'audio_url']);
  seen.splice(0);
  answer = json({ choices: [{ message: { content: 'A bird.' }, finish_reason: 'stop' }] });
  assert.equal((await ask({ modelId: 'gpt-audio' }, { messages: [{ role: 'user', content: [SOUND_PART] }] })).message.content, 'A bird.');
  assert.equal(bodyOf()['modalities'], undefined);
});

test('Gemini draws and speaks by its own API beside the chat completions', async () => {
  const path = '/v1/projects/p/locations/l/endpoints/openapi';
  const environment = { SYGRA_WRITER_URL: origin + path, SYGRA_WRITER_TOKEN: 'a-token-of-ours', SYGRA_WRITER_VERTEX_PROJECT: 'p' };
  const call = async (plan: Partial<ModelPlan>, parameters: ModelRequest['parameters']): Promise<ModelAnswer> => {
    const gateway = createModelGateway({ environment: () => environment });
    gateways.push(gateway);
    const request: ModelRequest = { messages: [{ role: 'system', content: 'Be bold.' }, { role: 'user', content: [IMAGE_PART, { type: 'text', text: 'Bluer' }] }], parameters };
    return (await gateway.call({ model: modelPlanOf({ type: 'vertex_ai', modelId: 'gemini-image', ...plan }), request, run: 'r', runConcurrency: 1, signal: new AbortController().signal })).answer;
  };
  answer = json({ candidates: [{ content: { parts: [{ text: 'Here' }, { inlineData: { mimeType: 'image/png', data: PNG } }] }, finishReason: 'STOP' }], usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 5 } });
  const drawn = await call({ outputType: 'image' }, { quality: 'medium', max_tokens: 50 });
  assert.equal(seen[0]?.url, '/v1/projects/p/locations/l/publishers/google/models/gemini-image:generateContent');
  assert.deepEqual(bodyOf(), {
    contents: [{ role: 'user', parts: [{ inlineData: { mimeType: 'image/png', data: PNG } }, { text: 'Bluer' }] }],
    systemInstruction: { parts: [{ text: 'Be bold.' }] },
    generationConfig: { maxOutputTokens: 50, responseModalities: ['TEXT', 'IMAGE'] },
  });
  assert.deepEqual([drawn.message.content, drawn.usage.completionTokens], [[{ type: 'text', text: 'Here' }, IMAGE_PART], 5]);
  answer = json({ candidates: [{ content: { parts: [{ inlineData: { mimeType: 'audio/L16;codec=pcm;rate=16000', data: 'AAAA' } }] }, finishReason: 'STOP' }] });
  assert.match(JSON.stringify((await call({ outputType: 'audio', media: { voice: 'Kore' } }, {})).message.content), /data:audio\/wav/);
  answer = json({ promptFeedback: { blockReason: 'SAFETY' } });
  assert.equal((await call({ outputType: 'image' }, {})).finishReason, 'content_filter');
});

test('Hugging Face draws, speaks and listens through its package', async () => {
  const plan = { type: 'huggingface' as const, modelId: 'some/model' };
  answer = { type: 'image/png', body: smallPng(1) };
  assert.deepEqual((await ask({ ...plan, outputType: 'image' }, { parameters: { num_inference_steps: 4 } })).message.content, [IMAGE_PART]);
  assert.deepEqual(bodyOf(), { inputs: 'A red square', parameters: { num_inference_steps: 4 } });
  answer = { type: 'audio/wav', body: WAV };
  assert.match(JSON.stringify((await ask({ ...plan, outputType: 'audio' }, {})).message.content), /data:audio\/wav/);
  seen.splice(0);
  answer = json({ text: ' Hello.' });
  assert.equal((await ask({ ...plan, media: { input_type: 'audio' } }, { messages: [{ role: 'user', content: [SOUND_PART] }] })).message.content, 'Hello.');
  assert.ok(seen[0]?.text.startsWith('RIFF'));
});

test('faults are told apart, and what a type cannot do is a fault of models.yaml that names who can', async () => {
  const isOf = (kind: string, words: RegExp) => (error: unknown): boolean => error instanceof ModelCallError && error.kind === kind && words.test(error.message);
  await assert.rejects(ask({ type: 'anthropic', outputType: 'image' }, {}, ''), isOf('configuration', /type anthropic cannot do output_type: image; these can: openai, azure_openai/));
  answer = { status: 429, ...json({ error: { message: 'Slow down' } }) };
  await assert.rejects(ask({ modelId: 'tts-1' }, {}), isOf('passing', /Slow down/));
  answer = { status: 400, ...json({ error: { message: 'Your request was rejected by the safety system', code: 'moderation_blocked' } }) };
  await assert.rejects(ask({ modelId: 'gpt-image-1' }, {}), isOf('permanent', /safety system/));
  answer = json({ data: [{ url: 'http://elsewhere/image.png' }] });
  await assert.rejects(ask({ modelId: 'gpt-image-1' }, {}), isOf('passing', /urls are not followed/));
  answer = { type: 'audio/mpeg', body: 'nothing of the kind' };
  await assert.rejects(ask({ modelId: 'tts-1' }, {}), isOf('passing', /no sound of a known format/));
  await assert.rejects(ask({ modelId: 'gpt-image-1', media: { image_capabilities: { prompt_char_limit: 5 } } }, {}), isOf('permanent', /12 characters/));
});
