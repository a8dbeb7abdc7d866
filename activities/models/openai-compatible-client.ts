import { APIConnectionError, APIError, type ClientOptions } from 'openai';
import type { JsonValue } from '../../pipeline/json.ts';
import type { ModelPlan } from '../../pipeline/plan.ts';
import { classifyHttpFailure, classifyThrown, type FailureContext } from './classify-failure.ts';
import { HttpSender } from './http-sender.ts';
import { LeanOpenAI, type UnsentOption } from './lean-openai.ts';
import { ModelCallError } from './model-call-error.ts';
import type { ModelAnswer, ModelCapabilities, ModelClient, ModelRequest } from './model-client.ts';
import type { ModelClientOptions, ModelEndpoint } from './model-endpoint.ts';
import { createRedactor } from './redact-secrets.ts';

/** Azure wants a version on every call; this is its last general release of the dated kind. */
const DEFAULT_AZURE_API_VERSION = '2024-10-21';

/** A client for every endpoint that speaks OpenAI's chat completions, Azure's deployments included. */
export class OpenaiCompatibleClient implements ModelClient {
  readonly capabilities: ModelCapabilities = { structuredOutput: false, samples: false, tools: false };
  readonly #model: ModelPlan;
  readonly #endpoint: ModelEndpoint;
  readonly #redact: (text: string) => string;
  readonly #sender: HttpSender;
  readonly #openai: LeanOpenAI;

  constructor({ model, endpoint, environment }: ModelClientOptions) {
    this.#model = model;
    this.#endpoint = endpoint;
    this.#redact = createRedactor(environment, endpoint.key === null ? [] : [endpoint.key]);
    this.#sender = new HttpSender({
      timeoutMilliseconds: model.timeoutSeconds * 1000,
      verifyTls: model.verifyTls,
      environment,
    });
    this.#openai = new LeanOpenAI(connectionOptions(model, endpoint), this.#sender);
  }

  async complete(request: ModelRequest, signal: AbortSignal, unsentSignal?: AbortSignal): Promise<ModelAnswer> {
    const { stream: _, ...parameters } = request.parameters;
    const body = { ...parameters, model: this.#model.modelId, messages: request.messages };
    const carried: UnsentOption = unsentSignal === undefined ? {} : { unsentSignal };
    const fetchOptions = carried as NonNullable<ClientOptions['fetchOptions']>;
    let reply: unknown;
    try {
      // `post` takes the body as it is: parameters are the pipeline's and the provider's business.
      reply = await this.#openai.post('/chat/completions', { body, signal, fetchOptions });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      // The package does not tell why a connection was given up; after a stop it no longer matters.
      if (unsentSignal?.aborted === true && error instanceof APIConnectionError) throw unsentSignal.reason;
      throw this.#classify(error);
    }
    return this.#readAnswer(reply);
  }

  /** Asks for the list of models: it is free, and even a refusal of it shows that somebody is there. */
  async probe(signal: AbortSignal): Promise<boolean> {
    const { origin, pathname } = new URL(this.#endpoint.url);
    const headers = this.#endpoint.key === null ? [] : ['authorization', `Bearer ${this.#endpoint.key}`];
    try {
      const path = `${pathname.replace(/\/$/, '')}/models`;
      const { status } = await this.#sender.send({ method: 'GET', origin, path, headers, body: null, signal });
      return status !== 429 && status < 500;
    } catch {
      // Whatever went wrong, nobody has answered.
      signal.throwIfAborted();
      return false;
    }
  }

  close(): Promise<void> {
    return this.#sender.close();
  }

  #classify(error: unknown): ModelCallError {
    const context = this.#failureContext();
    if (error instanceof APIConnectionError) return classifyThrown(error.cause ?? error, context);
    if (!(error instanceof APIError) || typeof error.status !== 'number') return classifyThrown(error, context);
    const { status, headers, code, type, message } = error as APIError<number, Headers>;
    return classifyHttpFailure(
      {
        status,
        header: (name) => headers.get(name),
        code: code == null ? null : String(code),
        type: type ?? null,
        message: message.replace(/^\d{3} /, ''),
      },
      context,
    );
  }

  #readAnswer(reply: unknown): ModelAnswer {
    const completion = reply as Partial<Completion> | string | null | undefined;
    if (typeof completion !== 'object' || completion === null) throw this.#malformed('its body is not a JSON object');
    const choice = Array.isArray(completion.choices) ? completion.choices[0] : undefined;
    const message = choice?.message;
    if (message === undefined || message === null) throw this.#malformed('it has no choices');
    const { content, refusal, tool_calls: toolCalls } = message;
    if (content !== null && content !== undefined && typeof content !== 'string' && !Array.isArray(content)) {
      throw this.#malformed('its content is neither text nor a list of parts');
    }
    const usage = completion.usage;
    const answer: ModelAnswer = {
      message: { role: 'assistant', content: content ?? '' },
      finishReason: choice?.finish_reason ?? null,
      refusal: refusal ?? null,
      usage: {
        promptTokens: usage?.prompt_tokens ?? 0,
        completionTokens: usage?.completion_tokens ?? 0,
        cachedPromptTokens: usage?.prompt_tokens_details?.cached_tokens ?? 0,
      },
      answeredBy: completion.model ?? null,
    };
    if (Array.isArray(toolCalls) && toolCalls.length > 0) answer.message.tool_calls = toolCalls;
    return answer;
  }

  #malformed(what: string): ModelCallError {
    const message = `Model "${this.#model.name}" at ${this.#endpoint.displayUrl}: the answer is malformed: ${what}.`;
    return new ModelCallError({ kind: 'passing', reason: 'malformed_answer', status: 200, message });
  }

  #failureContext(): FailureContext {
    const { name: modelName, modelId } = this.#model;
    return { modelName, modelId, endpoint: this.#endpoint, redact: this.#redact, now: Date.now() };
  }
}

interface Completion {
  model?: string | null;
  choices: {
    message?: { content?: unknown; refusal?: string | null; tool_calls?: JsonValue[] } | null;
    finish_reason?: string | null;
  }[];
  usage?: {
    prompt_tokens?: number;
    completion_tokens?: number;
    prompt_tokens_details?: { cached_tokens?: number } | null;
  } | null;
}

/** Azure differs in the header of its key and in a version on every call; the package's own Azure client does no more. */
function connectionOptions(model: ModelPlan, endpoint: ModelEndpoint): ClientOptions {
  const isAzure = model.type === 'azure_openai';
  const withoutBearer = isAzure || endpoint.key === null;
  const options: ClientOptions = {
    baseURL: endpoint.url,
    apiKey: endpoint.key ?? 'none',
    // The package takes them from the environment, which speaks of OpenAI itself and nobody else.
    ...(model.type === 'openai' ? {} : { organization: null, project: null }),
    defaultHeaders: {
      ...(withoutBearer ? { Authorization: null } : {}),
      ...(isAzure ? { 'api-key': endpoint.key } : {}),
      ...model.headers,
    },
  };
  if (isAzure && !endpoint.url.endsWith('/openai/v1')) {
    options.defaultQuery = { 'api-version': model.apiVersion ?? DEFAULT_AZURE_API_VERSION };
  }
  return options;
}
