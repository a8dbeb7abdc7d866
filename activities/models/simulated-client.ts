import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { valueOfSchema } from '../../fake-model/value-of-schema.ts';
import { smallPng, smallWav } from '../../fake-model/small-files.ts';
import { wordBagVector } from '../../fake-model/word-bag.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../pipeline/json.ts';
import type { ModelPlan } from '../../pipeline/plan.ts';
import { estimatePromptTokens, estimateTokens } from './estimate-tokens.ts';
import type { EmbeddingAnswer, EmbeddingRequest, ModelAnswer, ModelCapabilities, ModelClient, ModelRequest } from './model-client.ts';
import type { ModelClientOptions } from './model-endpoint.ts';
import { isAnsweredBySound, mediaTaskOf } from './media/media-task.ts';
import { findWantedJson, type WantedValue } from './find-wanted-json.ts';

const LONGEST_LATENCY_MILLISECONDS = 20;
const ANSWER_WORDS = 50;
const ECHO_CHARACTERS = 80;

const WORDS = (
  'the a small bright early careful garden river letter window teacher market winter engine story map bridge ' +
  'answer carries opens follows repairs explains crosses gathers finds begins because while before after with ' +
  'under beyond slowly often together every another quiet city harbour field question'
).split(' ');

/**
 * Answers inside the worker where no endpoint is configured, so that a pipeline can be tried without a
 * key. The same request gets the same answer: values that fit the wanted schema, JSON where the prompt shows or
 * names keys, else made-up words. Where tools are offered the first one is called once, before the answer.
 */
export class SimulatedClient implements ModelClient {
  readonly capabilities: ModelCapabilities = { structuredOutput: true, samples: true, tools: true, scores: true };
  readonly #model: ModelPlan;

  constructor(model: ModelPlan) {
    this.#model = model;
  }

  async complete(request: ModelRequest, signal: AbortSignal): Promise<ModelAnswer> {
    const { messages, parameters, format, tools, toolChoice, samples = 1 } = request;
    const more = format === undefined && tools === undefined ? [] : [{ format, tools, toolChoice }];
    const hash = createHash('sha256').update(JSON.stringify([this.#model.modelId, messages, parameters, ...more]));
    const digest = hash.digest();
    await sleep((digest[0] ?? 0) % (LONGEST_LATENCY_MILLISECONDS + 1));
    signal.throwIfAborted();
    const seed = digest.readUInt32LE(1);
    const [first, ...others] = Array.from({ length: samples }, (_, index) => sampleOf(this.#model, request, createDraw(seed + index)));
    if (first === undefined) throw new Error('At least one sample must be wanted.');
    const answer: ModelAnswer = {
      ...first,
      usage: {
        promptTokens: estimatePromptTokens(request),
        completionTokens: estimateTokens(JSON.stringify(first.message.tool_calls ?? first.message.content)) * samples,
        cachedPromptTokens: 0,
      },
      answeredBy: 'simulated',
    };
    return others.length === 0 ? answer : { ...answer, alternatives: others };
  }

  async embed({ texts }: EmbeddingRequest, signal: AbortSignal): Promise<EmbeddingAnswer> {
    signal.throwIfAborted();
    return {
      vectors: texts.map((text) => Float32Array.from(wordBagVector(text))),
      promptTokens: texts.reduce((sum, text) => sum + estimateTokens(text), 0),
    };
  }

  async probe(): Promise<boolean> {
    return true;
  }

  async close(): Promise<void> {
    // Nothing is held open.
  }
}

export function createClient({ model }: ModelClientOptions): ModelClient {
  return new SimulatedClient(model);
}

type Sample = Pick<ModelAnswer, 'message' | 'finishReason' | 'refusal'>;

function sampleOf(model: ModelPlan, request: ModelRequest, draw: Draw): Sample {
  if (request.scoring !== undefined) return { message: { role: 'assistant', content: JSON.stringify(scoreOf(request, draw)) }, finishReason: 'stop', refusal: null };
  const media = mediaOf(model, request, draw);
  if (media !== null) return { message: { role: 'assistant', content: [media] }, finishReason: 'stop', refusal: null };
  const call = toolCallOf(request, draw);
  if (call !== null) {
    return { message: { role: 'assistant', content: '', tool_calls: [call] }, finishReason: 'tool_calls', refusal: null };
  }
  return { message: { role: 'assistant', content: writeText(request, draw) }, finishReason: 'stop', refusal: null };
}

/** A made-up score: half to one for classes, perplexities of 10 to 110. */
function scoreOf({ scoring, messages }: ModelRequest, draw: Draw): JsonObject {
  if (scoring?.kind === 'classes') return { kind: 'classes', scores: [(500 + draw(500)) / 1000], labels: [] };
  const tokens = scoring?.last ?? Math.max(1, estimatePromptTokens({ messages, parameters: {} }));
  return { kind: 'surprise', tokens, nll: tokens * Math.log(10 + draw(100)) };
}

/** A tiny image or sound where the model is one that makes such. */
function mediaOf(model: ModelPlan, request: ModelRequest, draw: Draw): JsonObject | null {
  const task = mediaTaskOf(model);
  if (task === null) return null;
  const hash = draw(0x7fffffff);
  if (task === 'image') return { type: 'image_url', image_url: { url: `data:image/png;base64,${smallPng(hash).toString('base64')}` } };
  const isSpoken = task === 'speech' || (task === 'spoken_chat' && isAnsweredBySound(model, request));
  return isSpoken ? { type: 'audio_url', audio_url: { url: `data:audio/wav;base64,${smallWav(hash).toString('base64')}` } } : null;
}

/** One call of the first tool; null: there are none, or one has answered already. */
function toolCallOf({ tools = [], toolChoice, messages }: ModelRequest, draw: Draw): JsonObject | null {
  const wanted = isJsonObject(toolChoice) && isJsonObject(toolChoice.function) ? toolChoice.function.name : undefined;
  const tool = tools.find(({ name }) => name === wanted) ?? tools[0];
  const lastUser = messages.findLastIndex(({ role }) => role === 'user');
  if (tool === undefined || toolChoice === 'none' || messages.slice(lastUser + 1).some(({ role }) => role === 'tool')) return null;
  const text = (): string => writeWords(3, draw);
  const given = JSON.stringify(valueOfSchema({ type: 'object', ...tool.parameters }, { draw, text }));
  return { id: `call_${draw(0x7fffffff).toString(16)}`, type: 'function', function: { name: tool.name, arguments: given } };
}

type Draw = (count: number) => number;

/** Whole numbers below `count` from a seed: the linear congruential generator of Numerical Recipes. */
function createDraw(seed: number): Draw {
  let state = seed;
  return (count) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * count);
  };
}

function writeText(request: ModelRequest, draw: Draw): string {
  if (request.format !== undefined) {
    const text = (): string => `[simulated] ${writeWords(12, draw)}`;
    return JSON.stringify(valueOfSchema(request.format.schema, { draw, text }));
  }
  const wanted = findWantedJson(request);
  if (wanted !== null) return JSON.stringify(writeObject(wanted, draw));
  const asked = request.messages.findLast((message) => message.role === 'user')?.content;
  const echo = typeof asked === 'string' ? asked.replace(/\s+/g, ' ').trim().slice(0, ECHO_CHARACTERS) : '';
  return `[simulated]${echo === '' ? '' : ` ${echo}:`} ${writeWords(ANSWER_WORDS, draw)}.`;
}

function writeObject(wanted: Record<string, WantedValue>, draw: Draw): JsonObject {
  return Object.fromEntries(
    Object.entries(wanted).map(([key, value]): [string, JsonValue] => {
      if (typeof value === 'object') return [key, value.oneOf[draw(value.oneOf.length)] ?? ''];
      if (value === 'number') return [key, 1 + draw(5)];
      if (value === 'boolean') return [key, draw(2) === 1];
      if (value === 'list') return [key, [writeWords(3, draw), writeWords(3, draw)]];
      return [key, `[simulated] ${writeWords(12, draw)}`];
    }),
  );
}

function writeWords(count: number, draw: Draw): string {
  const words = Array.from({ length: count }, () => WORDS[draw(WORDS.length)] ?? '');
  return words.join(' ');
}
