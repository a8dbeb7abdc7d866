import { breakAnswer } from './break-answer.ts';
import type { ChatFacts, ParsedCall } from './read-call.ts';
import type { BrokenClass, FakeModelAnswer } from './script.ts';
import { smallPng, smallWav } from './small-files.ts';
import { EMBEDDING_DIMENSIONS, wordBagVector } from './word-bag.ts';
import { writeAnswer, writeReasoning, writeToolCalls, type WriteAnswerOptions } from './write-answer.ts';

export interface ReplyOptions {
  call: ParsedCall;
  answer: FakeModelAnswer;
  hash: number;
  promptTokens: number;
  finishReason: string;
  /** The refusal's words; null: the model does not refuse. */
  refusal: string | null;
  breakage: BrokenClass | null;
}

export interface Reply {
  contentType: string;
  body: string | Buffer;
  /** How an answer was in fact broken: one that is no JSON object never is. */
  broken: BrokenClass | null;
  callsTools: boolean;
}

const JSON_TYPE = 'application/json';
/** Far from each other, so that samples of neighbouring hashes differ. */
const SAMPLE_STRIDE = 0x9e3779b1;

/** What the endpoint that the call came to answers. */
export function writeReply(options: ReplyOptions): Reply {
  const { call, hash, answer } = options;
  switch (call.kind) {
    case 'embeddings':
      return json(embeddings(options));
    case 'image': {
      const data = samples(call, hash).map((sample) => ({ b64_json: smallPng(sample).toString('base64') }));
      return json({ created: 0, data, usage: usage(options, data.length) });
    }
    case 'speech':
      return { ...json(null), contentType: 'audio/wav', body: smallWav(hash) };
    case 'transcription':
      return json({ text: writeAnswer({ prompt: call.prompt, hash, answer: { text: '{words}', words: 10, ...answer } }) });
    default:
      return completion(options);
  }
}

/** The hash of each sample; the first is the call's own, so that it does not depend on how many are wanted. */
function samples(call: ParsedCall, hash: number): number[] {
  return Array.from({ length: call.samples }, (_, index) => hash + index * SAMPLE_STRIDE);
}

function json(value: unknown): Reply {
  return { contentType: JSON_TYPE, body: JSON.stringify(value), broken: null, callsTools: false };
}

function embeddings({ call, promptTokens }: ReplyOptions): unknown {
  const data = call.inputs.map((input, index) => {
    const vector = wordBagVector(input, call.dimensions ?? EMBEDDING_DIMENSIONS);
    const embedding = call.isBase64 ? Buffer.from(new Float32Array(vector).buffer).toString('base64') : vector;
    return { object: 'embedding', index, embedding };
  });
  return { object: 'list', data, model: call.model, usage: { prompt_tokens: promptTokens, total_tokens: promptTokens } };
}

/** Built by hand: the parts around the text never need escaping, and this runs beside what is being measured. */
function completion(options: ReplyOptions): Reply {
  const { call, hash } = options;
  let completionTokens = 0;
  let broken: BrokenClass | null = null;
  let callsTools = false;
  const choices = samples(call, hash).map((sample, index) => {
    const choice = call.kind === 'text' ? textChoice(options, sample) : chatChoice(options, sample);
    completionTokens += Math.ceil(choice.characters / 4);
    broken ??= choice.broken;
    callsTools ||= choice.callsTools;
    const finishReason = choice.callsTools ? 'tool_calls' : options.finishReason;
    return `{"index":${index},${choice.json},"finish_reason":"${finishReason}"}`;
  });
  const body =
    `{"id":"fake-${hash.toString(16)}","object":"${call.kind === 'chat' ? 'chat.completion' : 'text_completion'}",` +
    `"created":0,"model":${JSON.stringify(call.model)},"choices":[${choices.join(',')}],` +
    `"usage":${JSON.stringify(usage(options, completionTokens))}}`;
  return { contentType: JSON_TYPE, body, broken, callsTools };
}

interface Choice {
  json: string;
  characters: number;
  broken: BrokenClass | null;
  callsTools: boolean;
}

function textChoice({ call, answer }: ReplyOptions, hash: number): Choice {
  const text = writeAnswer({ prompt: call.prompt, hash, answer });
  return { json: `"text":${JSON.stringify(text)}`, characters: text.length, broken: null, callsTools: false };
}

function chatChoice(options: ReplyOptions, hash: number): Choice {
  const { call, answer, refusal, breakage, finishReason } = options;
  const message = (fields: string): string => `"message":{"role":"assistant",${fields}}`;
  const plain = { broken: null, callsTools: false };
  if (refusal !== null) return { ...plain, json: message(`"content":null,"refusal":${JSON.stringify(refusal)}`), characters: 0 };
  const chat = call.chat as ChatFacts;
  const writing: WriteAnswerOptions = { prompt: call.prompt, hash, answer, step: chat.toolTurns, format: chat.format };
  const calls = finishReason === 'stop' ? writeToolCalls({ ...writing, tools: chat.tools, forcedTool: chat.forcedTool }) : [];
  const reasoning = writeReasoning(writing);
  const thought = reasoning === null ? '' : `,"reasoning_content":${JSON.stringify(reasoning)}`;
  if (calls.length > 0) {
    const written = calls.map(({ name, arguments: given }, index) => ({
      id: `call_${(hash % 0xffffffff).toString(16)}_${index}`,
      type: 'function',
      function: { name, arguments: JSON.stringify(given) },
    }));
    const text = JSON.stringify(written);
    const fields = `"content":null,"refusal":null${thought},"tool_calls":${text}`;
    return { json: message(fields), characters: text.length, broken: null, callsTools: true };
  }
  const text = writeAnswer(writing);
  if (chat.wantsAudio) {
    const audio = { id: `audio_${hash.toString(16)}`, data: smallWav(hash).toString('base64'), transcript: text, expires_at: 4102444800 };
    return { ...plain, json: message(`"content":null,"refusal":null,"audio":${JSON.stringify(audio)}`), characters: text.length };
  }
  const brokenText = breakage === null ? null : breakAnswer(text, breakage);
  const fields = `"content":${JSON.stringify(brokenText ?? text)},"refusal":null${thought}`;
  return { json: message(fields), characters: text.length, broken: brokenText === null ? null : breakage, callsTools: false };
}

function usage({ promptTokens }: ReplyOptions, completionTokens: number): Record<string, number> {
  return { prompt_tokens: promptTokens, completion_tokens: completionTokens, total_tokens: promptTokens + completionTokens };
}
