import type { InferenceClient } from '@huggingface/inference';
import type { JsonObject, JsonValue } from '../../../pipeline/json.ts';
import type { ModelPlan } from '../../../pipeline/plan.ts';
import type { EmbeddingAnswer, EmbeddingRequest, ModelAnswer, ModelCapabilities, ModelClient, ModelRequest } from '../model-client.ts';
import type { ModelClientOptions, ModelEndpoint } from '../model-endpoint.ts';
import { HuggingFaceConnection } from './hugging-face-connection.ts';
import { jsonSchemaFormat, renamed } from './openai-dialect.ts';
import { readCompletion } from './read-completion.ts';
import { checkVectors, isVector } from './read-embeddings.ts';

const MAXIMUM_EMBEDDINGS_BYTES = 64 * 1024 * 1024;

type ChatArguments = Parameters<InferenceClient['chatCompletion']>[0];
type EmbedArguments = Parameters<InferenceClient['featureExtraction']>[0];

/** Hugging Face's inference providers, and endpoints of one's own. `provider` among the parameters chooses who answers. */
class HuggingFaceClient implements ModelClient {
  readonly capabilities: ModelCapabilities = { structuredOutput: true, samples: false, tools: true };
  readonly #model: ModelPlan;
  readonly #endpoint: ModelEndpoint;
  readonly #connection: HuggingFaceConnection;

  constructor(options: ModelClientOptions) {
    this.#model = options.model;
    this.#endpoint = options.endpoint;
    this.#connection = new HuggingFaceConnection(options);
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
    const chat = { ...body, ...this.#connection.own, model: this.#model.modelId, messages } as unknown as ChatArguments;
    const reply = await this.#connection.ask({ signal, unsentSignal }, (client, options) => client.chatCompletion(chat, options));
    return readCompletion(reply, (what) => this.#connection.http.malformed(what));
  }

  async embed({ texts, parameters }: EmbeddingRequest, signal: AbortSignal, unsentSignal?: AbortSignal): Promise<EmbeddingAnswer> {
    const extraction = { ...('endpointUrl' in this.#connection.own ? {} : { provider: 'hf-inference' }), ...parameters, ...this.#connection.own, model: this.#model.modelId, inputs: texts } as unknown as EmbedArguments;
    const reply = await this.#connection.ask({ signal, unsentSignal, maximumBodyBytes: MAXIMUM_EMBEDDINGS_BYTES }, (client, options) => client.featureExtraction(extraction, options));
    const malformed = (what: string): Error => this.#connection.http.malformed(what);
    if (!Array.isArray(reply)) throw malformed('it is no list of embeddings');
    const vectors = (reply as unknown[]).map((vector) => {
      if (!isVector(vector)) throw malformed('an embedding is no list of numbers');
      return Float32Array.from(vector);
    });
    return { vectors: checkVectors(vectors, { count: texts.length, malformed }), promptTokens: 0 };
  }

  probe(signal: AbortSignal): Promise<boolean> {
    const { key } = this.#endpoint;
    return this.#connection.http.probe({ path: '/models', headers: key === null ? {} : { authorization: `Bearer ${key}` }, signal });
  }

  close(): Promise<void> {
    return this.#connection.http.close();
  }
}

export function createClient(options: ModelClientOptions): ModelClient {
  return new HuggingFaceClient(options);
}
