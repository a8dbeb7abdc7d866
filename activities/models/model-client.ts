import type { BatchApi } from '../provider-batches/batch-api.ts';
import type { JsonObject, JsonValue } from '../../pipeline/json.ts';

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant' | 'tool';
  content: string | JsonValue[];
  name?: string;
  tool_calls?: JsonValue[];
  tool_call_id?: string;
}

export interface ModelRequest {
  messages: ChatMessage[];
  /** As the provider's API names them: temperature, max_tokens, stop, seed … */
  parameters: JsonObject;
  tools?: ToolDefinition[];
  /** `auto`, `none`, `required`, or as the provider's API has it. */
  toolChoice?: JsonValue;
  /** The answer must be JSON of this schema. Only for clients that say `structuredOutput`. */
  format?: { name: string; schema: JsonObject };
  /** Answers wanted of one call; default 1. Only for clients that say `samples`. */
  samples?: number;
  /** Scores are wanted instead of an answer; the message is then an `EndpointScore` as JSON. Only for clients that say `scores`. */
  scoring?: ScoringRequest;
}

/** Classes of the conversation, read from its end; or how surprising the text is, all of it or so many tokens at its end. */
export type ScoringRequest = { kind: 'classes'; maximumTokens: number } | { kind: 'surprise'; last: number | null };

export interface ToolDefinition {
  name: string;
  description: string;
  /** JSON Schema of the arguments, an object. */
  parameters: JsonObject;
}

/** What an endpoint can do by itself; whatever it cannot is done around it, e.g. several calls for several samples. */
export interface ModelCapabilities {
  /** Constrains answers to a JSON schema. */
  structuredOutput: boolean;
  /** Gives several answers to one call. */
  samples: boolean;
  tools: boolean;
  /** Scores texts. Default: false. */
  scores?: boolean;
}

export interface TokenUsage {
  promptTokens: number;
  completionTokens: number;
  /** Of the prompt tokens. */
  cachedPromptTokens: number;
  /** Of the completion tokens, where the provider says so. */
  reasoningTokens?: number;
}

export interface ModelAnswer {
  message: ChatMessage;
  /** As the provider says it: stop, length, content_filter, tool_calls …; null where it says nothing. */
  finishReason: string | null;
  /** The provider's own refusal text, where it marks refusals. */
  refusal: string | null;
  usage: TokenUsage;
  /** Model that the provider says has answered. */
  answeredBy: string | null;
  /** Reasoning that the provider returns apart from the answer. */
  reasoning?: string;
  /** It came by the provider's batch API, at half the price. */
  isBatch?: true;
  /** The other samples of a call that asked for several; usage is counted in the first. */
  alternatives?: Pick<ModelAnswer, 'message' | 'finishReason' | 'refusal' | 'reasoning'>[];
}

export interface EmbeddingRequest {
  /** Not empty. */
  texts: string[];
  /** As the provider's API names them, e.g. dimensions. */
  parameters: JsonObject;
}

export interface EmbeddingAnswer {
  /** One for each text, in their order, all of one length. */
  vectors: Float32Array[];
  promptTokens: number;
}

/** One endpoint of one model. Makes one attempt; never retries, never waits for a rate limit. */
export interface ModelClient {
  readonly capabilities: ModelCapabilities;
  /**
   * Rejects with a signal's reason when it aborts.
   * @param unsentSignal gives the call up as long as it has no connection, when nobody can be paid for it yet
   * @throws ModelCallError
   */
  complete(request: ModelRequest, signal: AbortSignal, unsentSignal?: AbortSignal): Promise<ModelAnswer>;
  /** Absent where the provider's API has no embeddings. Signals and errors as for `complete`. */
  embed?(request: EmbeddingRequest, signal: AbortSignal, unsentSignal?: AbortSignal): Promise<EmbeddingAnswer>;
  /** Absent where the provider has no batch API that is spoken here. */
  batches?: BatchApi;
  /** Whether the endpoint answers a request that costs nothing with anything but 429 and 5xx. Rejects only with the signal's reason. */
  probe(signal: AbortSignal): Promise<boolean>;
  close(): Promise<void>;
}
