import { isJsonObject, type JsonObject, type JsonValue } from '../../../pipeline/json.ts';
import type { ModelPlan } from '../../../pipeline/plan.ts';
import { ModelCallError } from '../model-call-error.ts';
import type { ModelAnswer, ModelCapabilities, ModelClient, ModelRequest } from '../model-client.ts';
import type { ModelClientOptions, ModelEndpoint } from '../model-endpoint.ts';
import { ProviderHttp } from '../provider-http.ts';
import { formatName, renamed } from './openai-dialect.ts';
import { asText, toolCallOf, toTurns, type PartWriter } from './turns.ts';

const VERSION = '2023-06-01';
/** The API wants a limit; this is what its small models can do. */
const DEFAULT_MAXIMUM_TOKENS = 4096;
const FINISH_REASONS: Record<string, string> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  tool_use: 'tool_calls',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'content_filter',
};

/** Anthropic's Messages API. JSON of a schema is asked for by a tool that must be called. */
class AnthropicClient implements ModelClient {
  readonly capabilities: ModelCapabilities = { structuredOutput: true, samples: false, tools: true };
  readonly #model: ModelPlan;
  readonly #endpoint: ModelEndpoint;
  readonly #http: ProviderHttp;

  constructor(options: ModelClientOptions) {
    this.#model = options.model;
    this.#endpoint = options.endpoint;
    this.#http = new ProviderHttp(options);
  }

  async complete(request: ModelRequest, signal: AbortSignal, unsentSignal?: AbortSignal): Promise<ModelAnswer> {
    const body = this.#bodyOf(request);
    const reply = await this.#http.post({ path: '/v1/messages', headers: this.#ownHeaders(), body, signal, unsentSignal });
    return this.#readAnswer(reply, request.format === undefined ? null : formatName(request.format.name));
  }

  probe(signal: AbortSignal): Promise<boolean> {
    return this.#http.probe({ path: '/v1/models', headers: this.#ownHeaders(), signal });
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  #ownHeaders(): Record<string, string> {
    const { key } = this.#endpoint;
    return { 'anthropic-version': this.#model.apiVersion ?? VERSION, ...(key === null ? {} : { 'x-api-key': key }) };
  }

  #bodyOf({ messages, parameters, tools = [], toolChoice, format }: ModelRequest): JsonObject {
    const { stream: _, stop, ...given } = parameters;
    const { system, turns } = toTurns(messages, this.#writer());
    const offered = tools.map(({ name, description, parameters: schema }) => ({ name, description, input_schema: schema }));
    if (format !== undefined) {
      offered.push({ name: formatName(format.name), description: 'Gives the answer in its final form.', input_schema: format.schema });
    }
    const choice = format === undefined ? choiceOf(toolChoice) : this.#formatChoice(formatName(format.name), { given, hasTools: tools.length > 0 });
    return {
      max_tokens: DEFAULT_MAXIMUM_TOKENS,
      ...(stop === undefined || stop === null ? {} : { stop_sequences: [stop].flat() }),
      ...renamed(given, { max_completion_tokens: 'max_tokens' }),
      model: this.#model.modelId,
      ...(system === '' ? {} : { system }),
      messages: turns.map(({ role, parts }) => ({ role, content: parts })),
      ...(offered.length === 0 ? {} : { tools: offered }),
      ...(choice === null || offered.length === 0 ? {} : { tool_choice: choice }),
    };
  }

  /** Thinking models may not be forced to call a tool; where there are other tools, any may come before the answer. */
  #formatChoice(name: string, { given, hasTools }: { given: JsonObject; hasTools: boolean }): JsonObject {
    const thinks = isJsonObject(given.thinking) && given.thinking.type !== 'disabled';
    if (thinks) return { type: 'auto' };
    return hasTools ? { type: 'any' } : { type: 'tool', name };
  }

  #writer(): PartWriter {
    return {
      text: (text) => ({ type: 'text', text }),
      image: (image) => ({
        type: 'image',
        source: 'url' in image ? { type: 'url', url: image.url } : { type: 'base64', media_type: image.mediaType, data: image.data },
      }),
      audio: () => {
        const message = `Model "${this.#model.name}": Anthropic's models take no audio.`;
        throw new ModelCallError({ kind: 'permanent', reason: 'rejected', message });
      },
      toolCall: ({ id, name, input }) => ({ type: 'tool_use', id, name, input: isJsonObject(input) ? input : { input } }),
      toolResult: ({ id, content }) => ({ type: 'tool_result', tool_use_id: id, content }),
    };
  }

  #readAnswer(reply: JsonValue, format: string | null): ModelAnswer {
    if (!isJsonObject(reply) || !Array.isArray(reply.content)) throw this.#http.malformed('it has no content');
    const blocks = reply.content.filter(isJsonObject);
    const texts = blocks.filter(({ type }) => type === 'text').map(({ text }) => asText(text));
    const thoughts = blocks.filter(({ type }) => type === 'thinking').map(({ thinking }) => asText(thinking));
    const calls = blocks.filter(({ type }) => type === 'tool_use');
    const structured = calls.find(({ name }) => name === format);
    const usage = isJsonObject(reply.usage) ? reply.usage : {};
    const isDone = structured !== undefined;
    const stopReason = typeof reply.stop_reason === 'string' ? (FINISH_REASONS[reply.stop_reason] ?? reply.stop_reason) : null;
    const cached = numberOf(usage.cache_read_input_tokens);
    const answer: ModelAnswer = {
      message: { role: 'assistant', content: isDone ? JSON.stringify(structured.input) : texts.join('') },
      finishReason: isDone && stopReason === 'tool_calls' ? 'stop' : stopReason,
      refusal: null,
      usage: {
        promptTokens: numberOf(usage.input_tokens) + cached + numberOf(usage.cache_creation_input_tokens),
        completionTokens: numberOf(usage.output_tokens),
        cachedPromptTokens: cached,
      },
      answeredBy: typeof reply.model === 'string' ? reply.model : null,
    };
    if (!isDone && calls.length > 0) {
      answer.message.tool_calls = calls.map(({ id, name, input }) => toolCallOf({ id: asText(id), name: asText(name), input: input ?? {} }));
    }
    if (thoughts.length > 0) answer.reasoning = thoughts.join('\n');
    return answer;
  }
}

function choiceOf(choice: JsonValue | undefined): JsonObject | null {
  if (choice === undefined || choice === null || choice === 'auto') return null;
  if (choice === 'none') return { type: 'none' };
  if (choice === 'required' || choice === 'any') return { type: 'any' };
  if (!isJsonObject(choice)) return null;
  return isJsonObject(choice.function) ? { type: 'tool', name: asText(choice.function.name) } : choice;
}

function numberOf(value: JsonValue | undefined): number {
  return typeof value === 'number' ? value : 0;
}

export function createClient(options: ModelClientOptions): ModelClient {
  return new AnthropicClient(options);
}
