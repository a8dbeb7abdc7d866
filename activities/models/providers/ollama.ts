import { isJsonObject, type JsonObject, type JsonValue } from '../../../pipeline/json.ts';
import type { ModelPlan } from '../../../pipeline/plan.ts';
import { createTemplate, type ChatTemplate } from '../completions/chat-template.ts';
import { ModelCallError } from '../model-call-error.ts';
import type { ChatMessage, EmbeddingAnswer, EmbeddingRequest, ModelAnswer, ModelCapabilities, ModelClient, ModelRequest } from '../model-client.ts';
import type { ModelClientOptions, ModelEndpoint } from '../model-endpoint.ts';
import { ProviderHttp, type ProviderPost } from '../provider-http.ts';
import { renamed } from './openai-dialect.ts';
import { checkVectors, isVector } from './read-embeddings.ts';
import { asText, readArguments, readDataUrl, toolCallOf } from './turns.ts';

/** Parameters that stand beside `options` in a request. */
const TOP_LEVEL = new Set(['think', 'keep_alive', 'format', 'template']);
const MAXIMUM_EMBEDDINGS_BYTES = 64 * 1024 * 1024;

/** Ollama's own API: it takes JSON schemas, and tells thoughts apart. */
class OllamaClient implements ModelClient {
  readonly capabilities: ModelCapabilities;
  readonly #model: ModelPlan;
  readonly #endpoint: ModelEndpoint;
  readonly #http: ProviderHttp;
  readonly #template: ChatTemplate | null;

  constructor(options: ModelClientOptions) {
    this.#model = options.model;
    this.#endpoint = options.endpoint;
    this.#http = new ProviderHttp(options);
    this.#template = options.model.completions === null ? null : createTemplate(options);
    this.capabilities = { structuredOutput: true, samples: false, tools: this.#template === null };
  }

  async complete(request: ModelRequest, signal: AbortSignal, unsentSignal?: AbortSignal): Promise<ModelAnswer> {
    const { messages, format, tools = [], toolChoice } = request;
    const base = { ...requestOf(request.parameters), model: this.#model.modelId, stream: false, ...(format === undefined ? {} : { format: format.schema }) };
    if (this.#template !== null) {
      const body = { ...base, prompt: await this.#template.render(messages, signal), raw: true };
      return this.#readAnswer(await this.#post({ path: '/api/generate', body, signal, unsentSignal }));
    }
    // Ollama has no way to forbid tools, or to demand them.
    const offered = toolChoice === 'none' ? [] : tools.map((tool) => ({ type: 'function', function: tool }));
    const body = { ...base, messages: this.#toMessages(messages), ...(offered.length === 0 ? {} : { tools: offered }) };
    return this.#readAnswer(await this.#post({ path: '/api/chat', body, signal, unsentSignal }));
  }

  async embed({ texts, parameters }: EmbeddingRequest, signal: AbortSignal, unsentSignal?: AbortSignal): Promise<EmbeddingAnswer> {
    const body = { ...parameters, model: this.#model.modelId, input: texts };
    const reply = await this.#post({ path: '/api/embed', body, signal, unsentSignal, maximumBodyBytes: MAXIMUM_EMBEDDINGS_BYTES });
    const malformed = (what: string): Error => this.#http.malformed(what);
    if (!isJsonObject(reply) || !Array.isArray(reply.embeddings)) throw malformed('it has no list of embeddings');
    const vectors = reply.embeddings.map((vector) => {
      if (!isVector(vector)) throw malformed('an embedding is no list of numbers');
      return Float32Array.from(vector);
    });
    return { vectors: checkVectors(vectors, { count: texts.length, malformed }), promptTokens: numberOf(reply.prompt_eval_count) };
  }

  probe(signal: AbortSignal): Promise<boolean> {
    return this.#http.probe({ path: '/api/version', headers: this.#ownHeaders(), signal });
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  #post(post: ProviderPost): Promise<JsonValue> {
    return this.#http.post({ ...post, headers: this.#ownHeaders() });
  }

  /** Ollama itself has no keys, but the proxies before it have. */
  #ownHeaders(): Record<string, string> {
    const { key } = this.#endpoint;
    return key === null ? {} : { authorization: `Bearer ${key}` };
  }

  #toMessages(messages: ChatMessage[]): JsonObject[] {
    const toolNames = new Map<string, string>();
    return messages.map((message): JsonObject => {
      const calls = (message.tool_calls ?? []).filter(isJsonObject).map((call) => {
        const called = isJsonObject(call.function) ? call.function : {};
        toolNames.set(asText(call.id), asText(called.name));
        return { function: { name: called.name ?? '', arguments: readArguments(called.arguments) } };
      });
      const { text, images } = this.#contentOf(message.content);
      return {
        role: message.role,
        content: text,
        ...(images.length === 0 ? {} : { images }),
        ...(calls.length === 0 ? {} : { tool_calls: calls }),
        ...(message.role === 'tool' ? { tool_name: toolNames.get(message.tool_call_id ?? '') ?? message.name ?? '' } : {}),
      };
    });
  }

  /** Images go beside the text, as base64 alone. */
  #contentOf(content: ChatMessage['content']): { text: string; images: string[] } {
    if (typeof content === 'string') return { text: content, images: [] };
    const texts: string[] = [];
    const images: string[] = [];
    for (const part of content) {
      if (!isJsonObject(part) || part.type === 'text') {
        texts.push(isJsonObject(part) ? asText(part.text) : asText(part));
        continue;
      }
      const url = part.type === 'image_url' ? (isJsonObject(part.image_url) ? part.image_url.url : part.image_url) : null;
      const image = typeof url === 'string' ? readDataUrl(url) : null;
      if (image === null) {
        const message = `Model "${this.#model.name}": Ollama takes images as data alone, and neither urls nor audio.`;
        throw new ModelCallError({ kind: 'permanent', reason: 'rejected', message });
      }
      images.push(image.data);
    }
    return { text: texts.join('\n'), images };
  }

  #readAnswer(reply: JsonValue): ModelAnswer {
    if (!isJsonObject(reply)) throw this.#http.malformed('its body is not a JSON object');
    const message = isJsonObject(reply.message) ? reply.message : { content: reply.response, thinking: reply.thinking };
    const { content, thinking, tool_calls: calls } = message as JsonObject;
    if (typeof content !== 'string') throw this.#http.malformed('it has no message');
    const toolCalls = (Array.isArray(calls) ? calls : []).filter(isJsonObject).map((call, index) => {
      const called = isJsonObject(call.function) ? call.function : {};
      // Ollama gives no ids; a position is enough to tell the calls of one message apart.
      return toolCallOf({ id: typeof call.id === 'string' ? call.id : `call_${index}`, name: asText(called.name), input: called.arguments ?? {} });
    });
    const answer: ModelAnswer = {
      message: { role: 'assistant', content },
      finishReason: toolCalls.length > 0 ? 'tool_calls' : typeof reply.done_reason === 'string' ? reply.done_reason : null,
      refusal: null,
      usage: { promptTokens: numberOf(reply.prompt_eval_count), completionTokens: numberOf(reply.eval_count), cachedPromptTokens: 0 },
      answeredBy: typeof reply.model === 'string' ? reply.model : null,
    };
    if (toolCalls.length > 0) answer.message.tool_calls = toolCalls;
    if (typeof thinking === 'string' && thinking !== '') answer.reasoning = thinking;
    return answer;
  }
}

/** OpenAI's parameters under Ollama's names, most of them in `options`. */
function requestOf(parameters: JsonObject): JsonObject {
  const { stream: _, extra_body: extra, options, reasoning_effort: effort, ...given } = parameters;
  const names = { max_tokens: 'num_predict', max_completion_tokens: 'num_predict', max_new_tokens: 'num_predict', repetition_penalty: 'repeat_penalty' };
  const all = { ...renamed(given, names), ...(isJsonObject(extra) ? extra : {}) };
  const top = Object.entries(all).filter(([key]) => TOP_LEVEL.has(key));
  const inner = Object.entries(all).filter(([key]) => !TOP_LEVEL.has(key));
  return {
    ...(effort === undefined ? {} : { think: effort }),
    ...Object.fromEntries(top),
    options: { ...Object.fromEntries(inner), ...(isJsonObject(options) ? options : {}) },
  };
}

function numberOf(value: JsonValue | undefined): number {
  return typeof value === 'number' ? value : 0;
}

export function createClient(options: ModelClientOptions): ModelClient {
  return new OllamaClient(options);
}
