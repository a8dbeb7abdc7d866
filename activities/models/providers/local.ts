import { createHash } from 'node:crypto';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../pipeline/json.ts';
import type { ModelPlan } from '../../../pipeline/plan.ts';
import { SyngraphError } from '../../../pipeline/errors.ts';
import { LocalModelError } from '../../local-models/local-model-error.ts';
import type { GenerateRequest } from '../../local-models/run/model-protocol.ts';
import { LocalRequestError } from '../../local-models/run/request-error.ts';
import { openLocalModel, type OpenedModel } from '../../local-models/shared-models.ts';
import { ModelCallError } from '../model-call-error.ts';
import type { ChatMessage, EmbeddingAnswer, EmbeddingRequest, ModelAnswer, ModelCapabilities, ModelClient, ModelRequest } from '../model-client.ts';
import type { ModelClientOptions } from '../model-endpoint.ts';
import { asText } from './turns.ts';

const DEFAULT_MAXIMUM_TOKENS = 512;

/** Numbers that may be asked for, under all their names, with the bounds that make sense. */
const NUMBERS = {
  temperature: { lowest: 0, highest: 100, default: 1 },
  top_p: { lowest: Number.MIN_VALUE, highest: 1, default: 1 },
  top_k: { lowest: 0, highest: 1e9, default: 0 },
  min_p: { lowest: 0, highest: 1, default: 0 },
  repetition_penalty: { lowest: 0.01, highest: 100, default: 1 },
  frequency_penalty: { lowest: -100, highest: 100, default: 0 },
  presence_penalty: { lowest: -100, highest: 100, default: 0 },
  max_tokens: { lowest: 1, highest: 1e9, default: DEFAULT_MAXIMUM_TOKENS },
} as const;
const MAXIMUM_TOKENS = ['max_tokens', 'max_completion_tokens', 'max_new_tokens'];
const PARAMETERS = [...Object.keys(NUMBERS), ...MAXIMUM_TOKENS.slice(1), 'seed', 'stop'];

/** A model that runs in this process, in a thread of its own: no endpoint, no key. */
class LocalClient implements ModelClient {
  readonly capabilities: ModelCapabilities = { structuredOutput: false, samples: false, tools: false };
  readonly #plan: ModelPlan;
  readonly #environment: NodeJS.ProcessEnv;
  #opening: Promise<OpenedModel> | null = null;

  constructor({ model, environment }: ModelClientOptions) {
    this.#plan = model;
    this.#environment = environment;
  }

  async complete(request: ModelRequest, signal: AbortSignal): Promise<ModelAnswer> {
    const wanted = this.#wantedOf(request);
    const { model } = await this.#open();
    // A call that waits for its turn is not late: its time begins with the model's work on it.
    const timeout = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const { timeoutSeconds } = this.#plan;
    const onStart = (): void => void (timer = setTimeout(() => timeout.abort(this.#error('passing', 'timeout', `gave no answer in ${timeoutSeconds} s`)), timeoutSeconds * 1000));
    try {
      const answer = await model.generate(wanted, { signal: AbortSignal.any([signal, timeout.signal]), onStart });
      return {
        message: { role: 'assistant', content: answer.text },
        finishReason: answer.finishReason,
        refusal: null,
        usage: { promptTokens: answer.promptTokens, completionTokens: answer.tokens, cachedPromptTokens: 0 },
        answeredBy: this.#plan.modelId,
      };
    } catch (error) {
      throw this.#failureOf(error, model, signal);
    } finally {
      clearTimeout(timer);
    }
  }

  async embed({ texts, parameters }: EmbeddingRequest, signal: AbortSignal): Promise<EmbeddingAnswer> {
    const unknown = Object.keys(parameters);
    if (unknown.length > 0) throw this.#error('configuration', 'rejected', `embeddings of local models take no parameters, and ${unknown.join(', ')} is given`);
    const { model } = await this.#open();
    try {
      const { vectors, tokens } = await model.embed(texts, signal);
      return { vectors, promptTokens: tokens };
    } catch (error) {
      throw this.#failureOf(error, model, signal);
    }
  }

  #failureOf(error: unknown, model: OpenedModel['model'], signal: AbortSignal): Error {
    if (!model.isAlive) this.#opening = null;
    if (signal.aborted || error instanceof ModelCallError) return error as Error;
    if (error instanceof LocalRequestError) return this.#error('permanent', 'rejected', error.message);
    if (error instanceof LocalModelError) return this.#error('configuration', 'rejected', error.message);
    return this.#error('passing', 'server_error', (error as Error).message);
  }

  async probe(): Promise<boolean> {
    return this.#open().then(
      () => true,
      () => false,
    );
  }

  async close(): Promise<void> {
    const opened = await this.#opening?.catch(() => null);
    this.#opening = null;
    await opened?.release();
  }

  /** A failure is not kept: the registry may be back, or the folder mended. */
  async #open(): Promise<OpenedModel> {
    this.#opening ??= openLocalModel(this.#plan.modelId, {
      environment: this.#environment,
      onProgress: (line) => process.stderr.write(`${line}\n`),
    });
    try {
      return await this.#opening;
    } catch (error) {
      this.#opening = null;
      if (error instanceof LocalModelError || error instanceof SyngraphError) throw this.#error('configuration', 'unknown_model', error.message);
      throw error;
    }
  }

  #wantedOf({ messages, parameters }: ModelRequest): GenerateRequest {
    const unknown = Object.keys(parameters).filter((name) => !PARAMETERS.includes(name));
    if (unknown.length > 0) throw this.#error('configuration', 'rejected', `local models do not know ${unknown.join(', ')}; they take ${PARAMETERS.join(', ')}`);
    const maximum = MAXIMUM_TOKENS.find((name) => parameters[name] != null) ?? 'max_tokens';
    const texts = messages.map((message) => ({ role: message.role, content: this.#textOf(message.content) }));
    const number = (name: keyof typeof NUMBERS): number => this.#numberOf(parameters, name, name);
    return {
      messages: texts,
      sampling: {
        temperature: number('temperature'),
        topP: number('top_p'),
        topK: Math.floor(number('top_k')),
        minP: number('min_p'),
        repetitionPenalty: number('repetition_penalty'),
        frequencyPenalty: number('frequency_penalty'),
        presencePenalty: number('presence_penalty'),
      },
      stops: this.#stopsOf(parameters.stop ?? null),
      maximumTokens: Math.floor(this.#numberOf(parameters, maximum, 'max_tokens')),
      // Without a seed the request itself is one, so that the same request is answered alike.
      seed: createHash('sha256').update(JSON.stringify([parameters.seed ?? null, texts])).digest('hex'),
    };
  }

  #numberOf(parameters: JsonObject, name: string, kind: keyof typeof NUMBERS): number {
    const { lowest, highest, default: usual } = NUMBERS[kind];
    const value = parameters[name] ?? usual;
    if (typeof value === 'number' && value >= lowest && value <= highest) return value;
    throw this.#error('configuration', 'rejected', `${name} is ${JSON.stringify(value)}, and must be a number from ${lowest === Number.MIN_VALUE ? 'above 0' : lowest} to ${highest}`);
  }

  #stopsOf(value: JsonValue): string[] {
    const list = value === null ? [] : Array.isArray(value) ? value : [value];
    if (list.every((each) => typeof each === 'string')) return list;
    throw this.#error('configuration', 'rejected', 'stop must be a text or a list of texts');
  }

  #textOf(content: ChatMessage['content']): string {
    if (typeof content === 'string') return content;
    const texts = content.map((part) => {
      if (typeof part === 'string') return part;
      if (isJsonObject(part) && part.type === 'text') return asText(part.text);
      throw this.#error('permanent', 'rejected', 'local models take texts only, neither images nor sounds');
    });
    return texts.join('\n');
  }

  #error(kind: ModelCallError['kind'], reason: ModelCallError['reason'], what: string): ModelCallError {
    return new ModelCallError({ kind, reason, message: `Model "${this.#plan.name}" (local, ${this.#plan.modelId}): ${what}` });
  }
}

export function createClient(options: ModelClientOptions): ModelClient {
  return new LocalClient(options);
}
