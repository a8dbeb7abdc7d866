import { isJsonObject, type JsonObject, type JsonValue } from '../../../pipeline/json.ts';
import type { ModelPlan } from '../../../pipeline/plan.ts';
import { ModelCallError } from '../model-call-error.ts';
import { estimatePromptTokens, estimateTokens } from '../estimate-tokens.ts';
import type { ModelAnswer, ModelCapabilities, ModelClient, ModelRequest } from '../model-client.ts';
import type { ModelClientOptions, ModelEndpoint } from '../model-endpoint.ts';
import { ProviderHttp } from '../provider-http.ts';
import { fillPayload, valueAtPath } from './payload.ts';
import { textOf } from './turns.ts';

export interface PayloadOptions {
  template: JsonValue;
  /** Where the answer's text is. */
  responsePath: string;
}

/**
 * Any endpoint that takes JSON and gives JSON: models.yaml says what it is sent and where its answer has the text.
 * The template may use `{messages}`, `{prompt}` (their texts), `{system}`, `{last}` (the last message's text), `{model}`, `{parameters}`,
 * `{messages_json}` and `{parameters_json}` (as texts), and each parameter by its name.
 */
export class PayloadClient implements ModelClient {
  readonly capabilities: ModelCapabilities = { structuredOutput: false, samples: false, tools: false };
  readonly #model: ModelPlan;
  readonly #endpoint: ModelEndpoint;
  readonly #http: ProviderHttp;
  readonly #options: PayloadOptions;

  constructor(options: ModelClientOptions, payload: PayloadOptions) {
    this.#model = options.model;
    this.#endpoint = options.endpoint;
    this.#http = new ProviderHttp(options);
    this.#options = payload;
  }

  async complete(request: ModelRequest, signal: AbortSignal, unsentSignal?: AbortSignal): Promise<ModelAnswer> {
    const body = fillPayload(this.#options.template, this.#valuesOf(request));
    const reply = await this.#http.post({ path: '', headers: this.#ownHeaders(), body, signal, unsentSignal });
    const found = valueAtPath(reply, this.#options.responsePath);
    if (found === undefined) throw this.#http.malformed(`it has nothing at ${this.#options.responsePath} (response_path)`);
    const text = typeof found === 'string' ? found : found === null ? '' : JSON.stringify(found);
    return {
      message: { role: 'assistant', content: text },
      finishReason: null,
      refusal: null,
      // Such endpoints have no common way to say it.
      usage: { promptTokens: estimatePromptTokens(request), completionTokens: estimateTokens(text), cachedPromptTokens: 0 },
      answeredBy: isJsonObject(reply) && typeof reply.model === 'string' ? reply.model : null,
    };
  }

  probe(signal: AbortSignal): Promise<boolean> {
    return this.#http.probe({ path: '', headers: this.#ownHeaders(), signal });
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  #ownHeaders(): Record<string, string> {
    const { key } = this.#endpoint;
    return key === null ? {} : { authorization: `Bearer ${key}` };
  }

  #valuesOf({ messages, parameters: given }: ModelRequest): JsonObject {
    const { stream: _, ...parameters } = given;
    const others = messages.filter(({ role }) => role !== 'system');
    const system = messages.filter(({ role }) => role === 'system').map(({ content }) => textOf(content)).join('\n\n');
    const conversation = messages as unknown as JsonValue;
    return {
      ...parameters,
      model: this.#model.modelId,
      messages: conversation,
      messages_json: JSON.stringify(conversation),
      prompt: messages.map(({ content }) => textOf(content)).join('\n\n'),
      ...(system === '' ? {} : { system }),
      last: textOf(others.at(-1)?.content ?? ''),
      parameters,
      parameters_json: JSON.stringify(parameters),
    };
  }
}

/** A custom endpoint. */
export function createClient(options: ModelClientOptions): ModelClient {
  const { name, provider } = options.model;
  const template = provider.payload ?? (provider.payloadKey === null ? null : { [provider.payloadKey]: '{prompt}', parameters: '{parameters}' });
  if (template === null || provider.responsePath === null) {
    const message = `Model "${name}": a custom endpoint needs json_payload (or payload_key) and response_path in models.yaml.`;
    throw new ModelCallError({ kind: 'configuration', reason: 'rejected', message });
  }
  return new PayloadClient(options, { template, responsePath: provider.responsePath });
}
