import { InferenceClient } from '@huggingface/inference';
import type { JsonObject, JsonValue } from '../../../pipeline/json.ts';
import type { ModelPlan } from '../../../pipeline/plan.ts';
import { ModelCallError } from '../model-call-error.ts';
import type { EmbeddingAnswer, EmbeddingRequest, ModelAnswer, ModelCapabilities, ModelClient, ModelRequest } from '../model-client.ts';
import type { ModelClientOptions, ModelEndpoint } from '../model-endpoint.ts';
import { ProviderHttp } from '../provider-http.ts';
import { jsonSchemaFormat, renamed } from './openai-dialect.ts';
import { readCompletion } from './read-completion.ts';
import { checkVectors, isVector } from './read-embeddings.ts';
import { senderFetch } from './sender-fetch.ts';

const ROUTER = /^https:\/\/router\.huggingface\.co(\/|$)/;
const MAXIMUM_EMBEDDINGS_BYTES = 64 * 1024 * 1024;

type ChatArguments = Parameters<InferenceClient['chatCompletion']>[0];
type EmbedArguments = Parameters<InferenceClient['featureExtraction']>[0];
interface Call {
  signal: AbortSignal;
  unsentSignal: AbortSignal | undefined;
  maximumBodyBytes?: number;
}

/** Hugging Face's inference providers, and endpoints of one's own. `provider` among the parameters chooses who answers. */
class HuggingFaceClient implements ModelClient {
  readonly capabilities: ModelCapabilities = { structuredOutput: true, samples: false, tools: true };
  readonly #model: ModelPlan;
  readonly #endpoint: ModelEndpoint;
  readonly #http: ProviderHttp;
  readonly #client: InferenceClient;
  /** The endpoint where it is not the router, which the package knows itself. */
  readonly #own: { endpointUrl: string } | Record<string, never>;

  constructor(options: ModelClientOptions) {
    const { model, endpoint } = options;
    this.#model = model;
    this.#endpoint = endpoint;
    this.#http = new ProviderHttp(options);
    this.#client = new InferenceClient(endpoint.key ?? undefined);
    this.#own = ROUTER.test(endpoint.url) ? {} : { endpointUrl: endpoint.url };
  }

  async complete(request: ModelRequest, signal: AbortSignal, unsentSignal?: AbortSignal): Promise<ModelAnswer> {
    const { messages, parameters: given, tools = [], toolChoice, format } = request;
    const { stream: _, ...parameters } = given;
    const body: JsonObject = {
      ...renamed(parameters, { max_new_tokens: 'max_tokens', max_completion_tokens: 'max_tokens' }),
      ...(tools.length === 0 ? {} : { tools: tools.map((tool): JsonValue => ({ type: 'function', function: { ...tool } })) }),
      ...(tools.length === 0 || toolChoice === undefined ? {} : { tool_choice: toolChoice }),
      ...(format === undefined ? {} : jsonSchemaFormat(format, { strict: true })),
    };
    const chat = { ...body, ...this.#own, model: this.#model.modelId, messages } as unknown as ChatArguments;
    const reply = await this.#ask({ signal, unsentSignal }, (fetch) => this.#client.chatCompletion(chat, { fetch, retry_on_error: false, signal }));
    return readCompletion(reply, (what) => this.#http.malformed(what));
  }

  async embed({ texts, parameters }: EmbeddingRequest, signal: AbortSignal, unsentSignal?: AbortSignal): Promise<EmbeddingAnswer> {
    const extraction = { ...('endpointUrl' in this.#own ? {} : { provider: 'hf-inference' }), ...parameters, ...this.#own, model: this.#model.modelId, inputs: texts } as unknown as EmbedArguments;
    const reply = await this.#ask({ signal, unsentSignal, maximumBodyBytes: MAXIMUM_EMBEDDINGS_BYTES }, (fetch) =>
      this.#client.featureExtraction(extraction, { fetch, retry_on_error: false, signal }),
    );
    const malformed = (what: string): Error => this.#http.malformed(what);
    if (!Array.isArray(reply)) throw malformed('it is no list of embeddings');
    const vectors = (reply as unknown[]).map((vector) => {
      if (!isVector(vector)) throw malformed('an embedding is no list of numbers');
      return Float32Array.from(vector);
    });
    return { vectors: checkVectors(vectors, { count: texts.length, malformed }), promptTokens: 0 };
  }

  probe(signal: AbortSignal): Promise<boolean> {
    const { key } = this.#endpoint;
    return this.#http.probe({ path: '/models', headers: key === null ? {} : { authorization: `Bearer ${key}` }, signal });
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  async #ask<Result>(call: Call, ask: (fetch: typeof globalThis.fetch) => Promise<Result>): Promise<Result> {
    const { signal, unsentSignal } = call;
    try {
      return await ask(senderFetch({ ...call, sender: this.#http.sender, headers: this.#http.headers, failure: (reply) => this.#http.failure(reply) }));
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (unsentSignal?.aborted === true && error === unsentSignal.reason) throw error;
      throw this.#classify(error);
    }
  }

  /** The package's own faults: those that it finds before it asks anybody, and answers that it cannot read. Bundling may number names. */
  #classify(error: unknown): ModelCallError {
    const kind = error instanceof Error ? error.constructor.name : '';
    if (/(Input|Routing|HubApi)Error\d*$/.test(kind)) {
      const said = this.#http.failureContext().redact((error as Error).message);
      return new ModelCallError({ kind: 'configuration', reason: 'rejected', message: `Model "${this.#model.name}": ${said}` });
    }
    return /OutputError\d*$/.test(kind) ? this.#http.malformed('the package cannot read it') : this.#http.classify(error);
  }
}

export function createClient(options: ModelClientOptions): ModelClient {
  return new HuggingFaceClient(options);
}
