import { isJsonObject, type JsonObject, type JsonValue } from '../../../pipeline/json.ts';
import type { ModelPlan } from '../../../pipeline/plan.ts';
import type { ModelAnswer, ModelClient, ModelRequest } from '../model-client.ts';
import type { ModelClientOptions } from '../model-endpoint.ts';
import { ProviderHttp } from '../provider-http.ts';
import { createGoogleToken } from '../providers/google-token.ts';
import { toTurns, type Media, type PartWriter } from '../providers/turns.ts';
import { MAXIMUM_MEDIA_BYTES, mediaAnswer, mediaPart, wavOfPcm } from './media-answer.ts';
import { rejected, type MediaCall, type MediaMaker } from './media-maker.ts';
import { mediaPromptOf } from './prompt-media.ts';

/** Ends of the urls under which Google's chat completions are; its own API, which alone gives images and sounds, is beside them. */
const CHAT_COMPLETIONS = /\/endpoints\/openapi$/;

/** What Google's API calls the parameters that it has. Others, such as OpenAI's `quality`, have no counterpart and are left out. */
const PARAMETERS: Record<string, string> = {
  temperature: 'temperature',
  max_tokens: 'maxOutputTokens',
  max_completion_tokens: 'maxOutputTokens',
  top_p: 'topP',
  top_k: 'topK',
  seed: 'seed',
  frequency_penalty: 'frequencyPenalty',
  presence_penalty: 'presencePenalty',
};

const FINISH_REASONS: Record<string, string> = { STOP: 'stop', MAX_TOKENS: 'length' };
const FLAGGED = /SAFETY|PROHIBITED|BLOCKLIST|RECITATION|SPII/;

/** Gemini's images and sounds by `generateContent`. */
class GeminiMedia implements MediaMaker {
  readonly samples = false;
  readonly #model: ModelPlan;
  readonly #http: ProviderHttp;
  readonly #key: () => Promise<string | null>;
  readonly #task: 'image' | 'speech';

  constructor(options: ModelClientOptions, task: 'image' | 'speech') {
    const { model, endpoint } = options;
    this.#model = model;
    this.#task = task;
    this.#http = new ProviderHttp({ ...options, endpoint: { ...endpoint, url: endpoint.url.replace(CHAT_COMPLETIONS, '') } });
    this.#key = createGoogleToken(options) ?? (() => Promise.resolve(endpoint.key));
  }

  async make({ request, signal, unsentSignal }: MediaCall): Promise<ModelAnswer> {
    const id = this.#model.modelId.replace(/^google\//, '');
    const key = await this.#key();
    const reply = await this.#http.post({
      path: `/publishers/google/models/${encodeURIComponent(id)}:generateContent`,
      headers: key === null ? {} : { authorization: `Bearer ${key}` },
      body: this.#bodyOf(request),
      signal,
      unsentSignal,
      maximumBodyBytes: MAXIMUM_MEDIA_BYTES,
    });
    return this.#readAnswer(reply);
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  #bodyOf(request: ModelRequest): JsonObject {
    const parameters = Object.entries(request.parameters).flatMap(([key, value]): [string, JsonValue][] => (PARAMETERS[key] === undefined ? [] : [[PARAMETERS[key], value]]));
    const common = Object.fromEntries(parameters);
    if (this.#task === 'speech') {
      const contents = [{ role: 'user', parts: [{ text: mediaPromptOf(request.messages).text }] }];
      return { contents, generationConfig: { ...common, responseModalities: ['AUDIO'], ...this.#voiceOf(request) } };
    }
    const { system, turns } = toTurns(request.messages, this.#writer());
    return {
      contents: turns.map(({ role, parts }): JsonValue => ({ role: role === 'assistant' ? 'model' : 'user', parts })),
      ...(system === '' ? {} : { systemInstruction: { parts: [{ text: system }] } }),
      generationConfig: { ...common, responseModalities: ['TEXT', 'IMAGE'] },
    };
  }

  #voiceOf({ parameters }: ModelRequest): JsonObject {
    const nested = isJsonObject(parameters['audio'] ?? null) ? (parameters['audio'] as JsonObject)['voice'] : undefined;
    const voice = nested ?? parameters['voice'] ?? this.#model.media['voice'];
    return typeof voice === 'string' ? { speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: voice } } } } : {};
  }

  #writer(): PartWriter {
    const inline = (media: Media | { url: string }): JsonObject => {
      if ('url' in media) throw rejected(this.#model, 'Gemini takes images and sounds as data alone, not by url.');
      return { inlineData: { mimeType: media.mediaType, data: media.data } };
    };
    return {
      text: (text) => ({ text }),
      image: inline,
      audio: inline,
      toolCall: ({ name, input }) => ({ functionCall: { name, args: input } }),
      toolResult: ({ content }) => ({ text: JSON.stringify(content) }),
    };
  }

  #readAnswer(reply: JsonValue): ModelAnswer {
    if (!isJsonObject(reply)) throw this.#http.malformed('its body is not a JSON object');
    const usage = isJsonObject(reply['usageMetadata']) ? reply['usageMetadata'] : {};
    const facts = {
      usage: { promptTokens: numberOf(usage['promptTokenCount']), completionTokens: numberOf(usage['candidatesTokenCount']), cachedPromptTokens: numberOf(usage['cachedContentTokenCount']) },
      answeredBy: typeof reply['modelVersion'] === 'string' ? reply['modelVersion'] : null,
    };
    const feedback = isJsonObject(reply['promptFeedback']) ? reply['promptFeedback'] : {};
    if (typeof feedback['blockReason'] === 'string') return mediaAnswer('', { ...facts, finishReason: 'content_filter', refusal: `the prompt was blocked: ${feedback['blockReason']}` });
    const [candidate] = Array.isArray(reply['candidates']) ? reply['candidates'] : [];
    if (!isJsonObject(candidate)) throw this.#http.malformed('it has no candidates');
    const reason = typeof candidate['finishReason'] === 'string' ? candidate['finishReason'] : null;
    const content = isJsonObject(candidate['content']) && Array.isArray(candidate['content']['parts']) ? candidate['content']['parts'] : [];
    const parts = content.filter(isJsonObject).filter((part) => part['thought'] !== true).flatMap((part) => this.#readPart(part));
    const finishReason = reason === null ? null : FLAGGED.test(reason) ? 'content_filter' : (FINISH_REASONS[reason] ?? reason.toLowerCase());
    return mediaAnswer(parts.length === 0 ? '' : parts, { ...facts, finishReason });
  }

  #readPart(part: JsonObject): JsonValue[] {
    if (typeof part['text'] === 'string') return part['text'] === '' ? [] : [{ type: 'text', text: part['text'] }];
    const { mimeType, data } = isJsonObject(part['inlineData']) ? part['inlineData'] : {};
    if (typeof data !== 'string') return [];
    const bytes = Buffer.from(data, 'base64');
    const type = typeof mimeType === 'string' ? mimeType : '';
    // Its speech is raw, e.g. audio/L16;codec=pcm;rate=24000.
    const isRaw = /^audio\/(l16|pcm)/i.test(type);
    const known = mediaPart(isRaw ? wavOfPcm(bytes, Number(/rate=(\d+)/.exec(type)?.[1] ?? 24_000)) : bytes);
    if (known === null) throw this.#http.malformed(`a part of type ${type || 'unknown'} is no image or sound that is known`);
    return [known];
  }
}

/** Chat completions with modalities, as gateways before Gemini have them; the answer's images are read with it. */
function createGatewayMedia(task: 'image' | 'speech', chat: ModelClient): MediaMaker {
  const modalities = ['text', task === 'image' ? 'image' : 'audio'];
  return {
    samples: false,
    make: ({ request, signal, unsentSignal }) => chat.complete({ ...request, parameters: { ...request.parameters, modalities } }, signal, unsentSignal),
    close: () => Promise.resolve(),
  };
}

export function createGeminiMedia(options: ModelClientOptions, task: 'image' | 'speech', chat: ModelClient): MediaMaker {
  return CHAT_COMPLETIONS.test(options.endpoint.url) ? new GeminiMedia(options, task) : createGatewayMedia(task, chat);
}

function numberOf(value: JsonValue | undefined): number {
  return typeof value === 'number' ? value : 0;
}
