import type { ClientOptions } from 'openai';
import type { JsonObject, JsonValue } from '../../../pipeline/json.ts';
import type { ModelPlan } from '../../../pipeline/plan.ts';
import { createBatchApi, type BatchApi } from '../../provider-batches/batch-api.ts';
import { createTemplate, type ChatTemplate } from '../completions/chat-template.ts';
import type { EmbeddingAnswer, EmbeddingRequest, ModelAnswer, ModelCapabilities, ModelClient, ModelRequest } from '../model-client.ts';
import type { ModelClientOptions, ModelEndpoint } from '../model-endpoint.ts';
import { ProviderHttp } from '../provider-http.ts';
import { LeanOpenAI, type LeanPost } from './lean-openai.ts';
import type { OpenaiDialect } from './openai-dialect.ts';
import { readCompletion } from './read-completion.ts';
import { readEmbeddings } from './read-embeddings.ts';

/** Azure wants a version on every call; this is its last general release of the dated kind. */
export const DEFAULT_AZURE_API_VERSION = '2024-10-21';
/** A batch of texts brings megabytes of digits. */
const MAXIMUM_EMBEDDINGS_BYTES = 64 * 1024 * 1024;
/** Answers that hold images or sounds. */
const MAXIMUM_MEDIA_BYTES = 128 * 1024 * 1024;

/** A client for every endpoint that speaks OpenAI's chat completions, or its completions API; `dialect` says where it differs. */
export class OpenaiCompatibleClient implements ModelClient {
  readonly capabilities: ModelCapabilities;
  readonly batches?: BatchApi;
  readonly #modelId: string;
  readonly #dialect: OpenaiDialect;
  readonly #endpoint: ModelEndpoint;
  readonly #http: ProviderHttp;
  readonly #openai: LeanOpenAI;
  readonly #template: ChatTemplate | null;

  constructor(options: ModelClientOptions, dialect: OpenaiDialect) {
    const { model, endpoint } = options;
    this.#modelId = dialect.modelId?.(model) ?? model.modelId;
    this.#dialect = dialect;
    this.#endpoint = endpoint;
    this.#template = model.completions === null ? null : createTemplate(options);
    this.capabilities = (this.#template === null ? undefined : dialect.completions?.capabilities) ?? dialect.capabilities(model);
    this.#http = new ProviderHttp(options);
    this.#openai = new LeanOpenAI(connectionOptions({ model, endpoint, dialect, headers: this.#http.headers }), {
      sender: this.#http.sender,
      failure: (reply) => this.#http.failure(reply),
      token: dialect.key,
    });
    if (dialect.isOpenai !== true || this.#template !== null) return;
    const read = (body: unknown): ModelAnswer => readCompletion(body, (what) => this.#http.malformed(what));
    this.batches = createBatchApi({ http: this.#http, key: endpoint.key, read, bodyOf: (request) => ({ ...this.#parametersOf(request), ...this.#messagesOf(request) }) });
  }

  async complete(request: ModelRequest, signal: AbortSignal, unsentSignal?: AbortSignal): Promise<ModelAnswer> {
    const prompt = this.#template === null ? this.#messagesOf(request) : { prompt: await this.#template.render(request.messages, signal) };
    const body = Object.assign(this.#parametersOf(request), prompt);
    const path = this.#template === null ? '/chat/completions' : '/completions';
    const reply = await this.#post({ path, body, signal, unsentSignal, ...(body.modalities === undefined ? {} : { maximumBodyBytes: MAXIMUM_MEDIA_BYTES }) });
    return readCompletion(reply, (what) => this.#http.malformed(what));
  }

  async embed({ texts, parameters }: EmbeddingRequest, signal: AbortSignal, unsentSignal?: AbortSignal): Promise<EmbeddingAnswer> {
    const body = { encoding_format: 'float', ...parameters, model: this.#modelId, input: texts };
    const reply = await this.#post({ path: '/embeddings', body, signal, unsentSignal, maximumBodyBytes: MAXIMUM_EMBEDDINGS_BYTES });
    return readEmbeddings(reply, { count: texts.length, malformed: (what) => this.#http.malformed(what) });
  }

  /** Asks for the list of models: it is free, and even a refusal of it shows that somebody is there. */
  probe(signal: AbortSignal): Promise<boolean> {
    // A token that must be fetched first is not worth it: a refusal shows as well that somebody is there.
    const key = this.#dialect.key === undefined ? this.#endpoint.key : null;
    return this.#http.probe({ path: '/models', headers: key === null ? {} : { authorization: `Bearer ${key}` }, signal });
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  /** The body but for messages or prompt. */
  #parametersOf({ parameters: given, tools = [], toolChoice, format, samples }: ModelRequest): JsonObject {
    const { stream: _, extra_body: extra, ...parameters } = given;
    const { toolChoice: choiceOf = (choice) => choice, parameters: rename = (same) => same } = this.#dialect;
    // SyGra hands `extra_body` to the openai package, which lays it over the body.
    const body: JsonObject = { ...rename(parameters), ...(typeof extra === 'object' && !Array.isArray(extra) ? extra : {}), model: this.#modelId };
    if (tools.length > 0) {
      body.tools = tools.map((tool): JsonValue => ({ type: 'function', function: { ...tool } }));
      if (toolChoice !== undefined) body.tool_choice = choiceOf(toolChoice);
    }
    if (format !== undefined) Object.assign(body, this.#dialect.format(format));
    if (samples !== undefined && samples > 1) body.n = samples;
    return body;
  }

  #messagesOf({ messages }: ModelRequest): JsonObject {
    return { messages: (this.#dialect.messages?.(messages) ?? messages) as unknown as JsonValue };
  }

  #post(post: LeanPost): Promise<unknown> {
    return this.#openai.post(post).catch((error: unknown) => {
      throw this.#http.causeOf(error, post);
    });
  }
}

interface Connection {
  model: ModelPlan;
  endpoint: ModelEndpoint;
  dialect: OpenaiDialect;
  headers: Record<string, string>;
}

/** Azure differs in the header of its key and in a version on every call; the package's own Azure client does no more. */
function connectionOptions({ model, endpoint, dialect, headers }: Connection): ClientOptions {
  const isAzure = dialect.isAzure === true;
  const withoutBearer = isAzure || endpoint.key === null || dialect.key !== undefined;
  const options: ClientOptions = {
    baseURL: endpoint.url,
    apiKey: endpoint.key ?? 'none',
    // The package takes them from the environment, which speaks of OpenAI itself and nobody else.
    ...(dialect.isOpenai === true ? {} : { organization: null, project: null }),
    defaultHeaders: {
      ...(withoutBearer ? { Authorization: null } : {}),
      ...(isAzure ? { 'api-key': endpoint.key } : {}),
      ...headers,
    },
  };
  if (isAzure && !endpoint.url.endsWith('/openai/v1')) {
    options.defaultQuery = { 'api-version': model.apiVersion ?? DEFAULT_AZURE_API_VERSION };
  }
  return options;
}
