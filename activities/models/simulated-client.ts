import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject, JsonValue } from '../../pipeline/json.ts';
import type { ModelPlan } from '../../pipeline/plan.ts';
import { estimatePromptTokens, estimateTokens } from './estimate-tokens.ts';
import type { ModelAnswer, ModelCapabilities, ModelClient, ModelRequest } from './model-client.ts';
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
 * key. The same messages get the same answer: made-up words, or JSON where the prompt shows or names keys.
 */
export class SimulatedClient implements ModelClient {
  readonly capabilities: ModelCapabilities = { structuredOutput: false, samples: false, tools: false };
  readonly #model: ModelPlan;

  constructor(model: ModelPlan) {
    this.#model = model;
  }

  async complete(request: ModelRequest, signal: AbortSignal): Promise<ModelAnswer> {
    const hash = createHash('sha256').update(
      JSON.stringify([this.#model.modelId, request.messages, request.parameters]),
    );
    const digest = hash.digest();
    await sleep((digest[0] ?? 0) % (LONGEST_LATENCY_MILLISECONDS + 1));
    signal.throwIfAborted();
    const text = writeText(request, createDraw(digest.readUInt32LE(1)));
    return {
      message: { role: 'assistant', content: text },
      finishReason: 'stop',
      refusal: null,
      usage: {
        promptTokens: estimatePromptTokens(request),
        completionTokens: estimateTokens(text),
        cachedPromptTokens: 0,
      },
      answeredBy: 'simulated',
    };
  }

  async probe(): Promise<boolean> {
    return true;
  }

  async close(): Promise<void> {
    // Nothing is held open.
  }
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
