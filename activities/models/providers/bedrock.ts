import { BedrockRuntimeClient, ConverseCommand, type ConverseCommandInput, type ConverseCommandOutput } from '@aws-sdk/client-bedrock-runtime';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../pipeline/json.ts';
import type { ModelPlan } from '../../../pipeline/plan.ts';
import { awsCredentials, awsRegion } from '../cloud-endpoints.ts';
import { ModelCallError } from '../model-call-error.ts';
import type { ModelAnswer, ModelCapabilities, ModelClient, ModelRequest } from '../model-client.ts';
import type { ModelClientOptions } from '../model-endpoint.ts';
import { ProviderHttp } from '../provider-http.ts';
import { formatName } from './openai-dialect.ts';
import { asText, toolCallOf, toTurns, type PartWriter } from './turns.ts';

/** Model families that can be made to call one tool, by which JSON of a schema is asked for. */
const CAN_FORCE_TOOLS = /(^|[./])(anthropic|amazon\.nova|mistral\.mistral-large)/;
const WITHOUT_TOOLS = /titan-text|llama2|llama3-[0-9]+b|mistral-7b|mixtral-8x7b|claude-(v2|instant)|ai21\.j2|cohere\.command-(text|light)/;
const FINISH_REASONS: Record<string, string> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  tool_use: 'tool_calls',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  content_filtered: 'content_filter',
  guardrail_intervened: 'content_filter',
};
/** Parameters under OpenAI's names that Converse has in common for all models. */
const INFERENCE = { max_tokens: 'maxTokens', max_completion_tokens: 'maxTokens', maxTokens: 'maxTokens', temperature: 'temperature', top_p: 'topP', topP: 'topP' };

/** Models on AWS Bedrock, by its Converse API. */
class BedrockClient implements ModelClient {
  readonly capabilities: ModelCapabilities;
  readonly #model: ModelPlan;
  readonly #http: ProviderHttp;
  readonly #client: BedrockRuntimeClient;

  constructor(options: ModelClientOptions) {
    const { model, endpoint, environment } = options;
    this.#model = model;
    this.#http = new ProviderHttp(options);
    const credentials = awsCredentials(model, environment);
    this.capabilities = { structuredOutput: CAN_FORCE_TOOLS.test(model.modelId), samples: false, tools: !WITHOUT_TOOLS.test(model.modelId) };
    this.#client = new BedrockRuntimeClient({
      region: awsRegion(model, environment) ?? 'us-east-1',
      endpoint: endpoint.url,
      maxAttempts: 1,
      ...(credentials === null ? {} : { credentials }),
      requestHandler: { handle: (request: SdkRequest, { abortSignal }: { abortSignal?: unknown } = {}) => this.#send(request, abortSignal as CallSignal) },
    });
  }

  async complete(request: ModelRequest, signal: AbortSignal, unsentSignal?: AbortSignal): Promise<ModelAnswer> {
    const both: CallSignal = Object.assign(AbortSignal.any([signal]), { unsentSignal });
    try {
      const reply = await this.#client.send(new ConverseCommand(this.#commandOf(request)), { abortSignal: both });
      return this.#readAnswer(reply, request.format === undefined ? null : formatName(request.format.name));
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (unsentSignal?.aborted === true && error === unsentSignal.reason) throw error;
      throw this.#classify(error);
    }
  }

  /** There is no free request without further rights: any answer of the host will do. */
  probe(signal: AbortSignal): Promise<boolean> {
    return this.#http.probe({ path: '/', signal });
  }

  async close(): Promise<void> {
    this.#client.destroy();
    await this.#http.close();
  }

  /** Over our own connections, so that time limits, proxies and errors are ours; what it throws passes the package unchanged. */
  async #send(request: SdkRequest, signal: CallSignal): Promise<{ response: SdkResponse }> {
    const query = new URLSearchParams(request.query ?? {}).toString();
    const { unsentSignal } = signal;
    const reply = await this.#http.sender.send({
      method: 'POST',
      origin: `${request.protocol}//${request.hostname}${request.port === undefined ? '' : `:${request.port}`}`,
      path: request.path + (query === '' ? '' : `?${query}`),
      headers: Object.entries({ ...request.headers, ...this.#http.headers }).filter(([name]) => !/^(host|content-length)$/i.test(name)).flat(),
      body: typeof request.body === 'string' ? request.body : new TextDecoder().decode(request.body),
      signal,
      ...(unsentSignal === undefined ? {} : { unsentSignal }),
    });
    if (reply.status < 200 || reply.status >= 300) throw this.#http.failure(reply);
    return { response: { statusCode: reply.status, headers: { 'content-type': 'application/json' }, body: Buffer.from(reply.body) } };
  }

  #commandOf({ messages, parameters, tools = [], toolChoice, format }: ModelRequest): ConverseCommandInput {
    const { stream: _, stop = null, ...given } = parameters;
    const { system, turns } = toTurns(messages, this.#writer());
    const stopSequences = (Array.isArray(stop) ? stop : [stop]).filter((each) => each !== null);
    const inference: [string, JsonValue | undefined][] = Object.entries(INFERENCE).flatMap(([name, theirs]) => (name in given ? [[theirs, given[name]]] : []));
    const others = Object.fromEntries(Object.entries(given).filter(([name]) => !(name in INFERENCE)));
    const offered = tools.map(({ name, description, parameters: json }) => ({ toolSpec: { name, description: description || name, inputSchema: { json } } }));
    const answer = format === undefined ? null : formatName(format.name);
    if (format !== undefined && answer !== null) {
      offered.push({ toolSpec: { name: answer, description: 'Gives the answer in its final form.', inputSchema: { json: format.schema } } });
    }
    const choice = answer === null ? choiceOf(toolChoice) : tools.length > 0 ? { any: {} } : { tool: { name: answer } };
    return {
      modelId: this.#model.modelId,
      messages: turns.map(({ role, parts }) => ({ role, content: parts })),
      ...(system === '' ? {} : { system: [{ text: system }] }),
      inferenceConfig: { ...Object.fromEntries(inference), ...(stopSequences.length === 0 ? {} : { stopSequences }) },
      ...(Object.keys(others).length === 0 ? {} : { additionalModelRequestFields: others }),
      ...(offered.length === 0 ? {} : { toolConfig: { tools: offered, ...(choice === null ? {} : { toolChoice: choice }) } }),
    } as unknown as ConverseCommandInput;
  }

  #writer(): PartWriter {
    const refuse = (what: string): never => {
      throw new ModelCallError({ kind: 'permanent', reason: 'rejected', message: `Model "${this.#model.name}": Bedrock takes ${what}.` });
    };
    return {
      text: (text) => ({ text }),
      // The package wants bytes, which JSON has not: they are put there when the command is made.
      image: (image) => ('url' in image ? refuse('images as data alone, not by url') : { image: { format: formatOf(image.mediaType), source: { bytes: bytesOf(image.data) } } }),
      audio: () => refuse('no audio through Converse'),
      toolCall: ({ id, name, input }) => ({ toolUse: { toolUseId: id, name, input: isJsonObject(input) ? input : { input } } }),
      toolResult: ({ id, content }) => ({ toolResult: { toolUseId: id, content } }),
    };
  }

  #readAnswer(reply: ConverseCommandOutput, format: string | null): ModelAnswer {
    const blocks = reply.output?.message?.content;
    if (!Array.isArray(blocks)) throw this.#http.malformed('it has no message');
    const calls = blocks.flatMap(({ toolUse }) => (toolUse === undefined ? [] : [toolUse]));
    const thoughts = blocks.flatMap(({ reasoningContent }) => reasoningContent?.reasoningText?.text ?? []);
    const structured = calls.find(({ name }) => name === format);
    const finishReason = reply.stopReason === undefined ? null : (FINISH_REASONS[reply.stopReason] ?? reply.stopReason);
    const cached = reply.usage?.cacheReadInputTokens ?? 0;
    const answer: ModelAnswer = {
      message: { role: 'assistant', content: structured === undefined ? blocks.map(({ text }) => text ?? '').join('') : JSON.stringify(structured.input) },
      finishReason: structured !== undefined && finishReason === 'tool_calls' ? 'stop' : finishReason,
      refusal: null,
      usage: { promptTokens: (reply.usage?.inputTokens ?? 0) + cached, completionTokens: reply.usage?.outputTokens ?? 0, cachedPromptTokens: cached },
      answeredBy: this.#model.modelId,
    };
    if (structured === undefined && calls.length > 0) {
      answer.message.tool_calls = calls.map(({ toolUseId, name, input }) => toolCallOf({ id: toolUseId ?? '', name: name ?? '', input: (input ?? {}) }));
    }
    if (thoughts.length > 0) answer.reasoning = thoughts.join('\n');
    return answer;
  }

  #classify(error: unknown): ModelCallError {
    const name = error instanceof Error ? error.name : '';
    if (/Credentials|TokenProvider/.test(name)) {
      const message = `Model "${this.#model.name}": no AWS credentials: ${this.#http.failureContext().redact((error as Error).message)}`;
      return new ModelCallError({ kind: 'configuration', reason: 'unauthorized', message });
    }
    return this.#http.classify(error);
  }
}

type CallSignal = AbortSignal & { unsentSignal?: AbortSignal | undefined };

interface SdkRequest {
  protocol: string;
  hostname: string;
  port?: number;
  path: string;
  query?: Record<string, string>;
  headers: Record<string, string>;
  body?: string | Uint8Array;
}

interface SdkResponse {
  statusCode: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

/** Typed as JSON, since all other parts are. */
function bytesOf(base64: string): JsonObject {
  return Buffer.from(base64, 'base64') as unknown as JsonObject;
}

function formatOf(mediaType: string): string {
  const format = mediaType.replace(/^image\//, '');
  return format === 'jpg' ? 'jpeg' : format;
}

function choiceOf(choice: JsonValue | undefined): JsonObject | null {
  if (choice === 'required' || choice === 'any') return { any: {} };
  return isJsonObject(choice) && isJsonObject(choice.function) ? { tool: { name: asText(choice.function.name) } } : null;
}

export function createClient(options: ModelClientOptions): ModelClient {
  return new BedrockClient(options);
}
