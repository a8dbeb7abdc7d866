import { isJsonObject, type JsonObject, type JsonValue } from '../../../pipeline/json.ts';
import type { ModelPlan } from '../../../pipeline/plan.ts';
import type { HttpReply } from '../http-sender.ts';
import type { ModelAnswer } from '../model-client.ts';
import type { ModelClientOptions } from '../model-endpoint.ts';
import { ProviderHttp } from '../provider-http.ts';
import { DEFAULT_AZURE_API_VERSION } from '../providers/openai-compatible-client.ts';
import { MAXIMUM_MEDIA_BYTES, mediaAnswer, mediaPart, wavOfPcm } from './media-answer.ts';
import { rejected, type MediaCall, type MediaMaker } from './media-maker.ts';
import { mediaPromptOf, type PromptFile } from './prompt-media.ts';

const DEFAULT_VOICE = 'alloy';
const DEFAULT_SPEECH_FORMAT = 'mp3';
/** Models that say what they give back only when asked, and urls otherwise. */
const ANSWERS_URLS = /^dall-?e/i;
/** One image a call. */
const WITHOUT_SAMPLES = /^dall-?e-?3/i;

/** OpenAI's endpoints beside the chat, at whatever server has them. */
class OpenaiMedia implements MediaMaker {
  readonly samples: boolean;
  readonly #model: ModelPlan;
  readonly #http: ProviderHttp;
  readonly #headers: Record<string, string>;
  readonly #query: string;
  readonly #make: (call: MediaCall) => Promise<ModelAnswer>;

  constructor(options: ModelClientOptions, task: OpenaiMediaTask) {
    const { model, endpoint } = options;
    const isAzure = model.type === 'azure_openai';
    this.#model = model;
    this.#http = new ProviderHttp(options);
    this.#headers = endpoint.key === null ? {} : isAzure ? { 'api-key': endpoint.key } : { authorization: `Bearer ${endpoint.key}` };
    this.#query = isAzure && !endpoint.url.endsWith('/openai/v1') ? `?api-version=${encodeURIComponent(model.apiVersion ?? DEFAULT_AZURE_API_VERSION)}` : '';
    this.samples = task === 'image' && !WITHOUT_SAMPLES.test(this.#id);
    this.#make = { image: this.#draw, speech: this.#speak, transcription: this.#transcribe }[task].bind(this);
  }

  make(call: MediaCall): Promise<ModelAnswer> {
    return this.#make(call);
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  get #id(): string {
    return this.#model.modelId.replaceAll('_', '-');
  }

  /** From words; with images in the prompt these are edited. */
  async #draw(call: MediaCall): Promise<ModelAnswer> {
    const { text, images } = mediaPromptOf(call.request.messages);
    const { samples = 1 } = call.request;
    const { stream: _, ...given } = call.request.parameters;
    this.#checkPrompt(text, images);
    const body: JsonObject = {
      ...(ANSWERS_URLS.test(this.#id) ? { response_format: 'b64_json' } : {}),
      ...given,
      model: this.#model.modelId,
      prompt: text,
      ...(samples > 1 ? { n: samples } : {}),
    };
    const isEdit = images.length > 0;
    const files = images.map((image): [string, PromptFile] => [images.length === 1 ? 'image' : 'image[]', image]);
    const reply = await this.#send(call, { path: isEdit ? '/images/edits' : '/images/generations', body, ...(isEdit ? { files } : {}) });
    return this.#readImages(this.#parse(reply), samples);
  }

  async #speak(call: MediaCall): Promise<ModelAnswer> {
    const { text } = mediaPromptOf(call.request.messages);
    const { audio, stream: _, ...rest } = call.request.parameters;
    const { voice, speed, response_format: format } = this.#model.media;
    // SyGra's tasks nest these as those for models that speak are.
    const nested = isJsonObject(audio) ? audio : {};
    const body: JsonObject = {
      voice: voice ?? DEFAULT_VOICE,
      response_format: nested['format'] ?? (typeof format === 'string' ? format : DEFAULT_SPEECH_FORMAT),
      ...(speed === undefined ? {} : { speed }),
      ...Object.fromEntries(Object.entries(nested).filter(([key]) => key !== 'format')),
      ...rest,
      model: this.#model.modelId,
      input: text,
    };
    const { content = Buffer.alloc(0) } = await this.#send(call, { path: '/audio/speech', body, isBinary: true });
    const part = mediaPart(body['response_format'] === 'pcm' ? wavOfPcm(content) : content);
    if (part === null) throw this.#http.malformed('it is no sound of a known format');
    return mediaAnswer([part]);
  }

  /** Text beside the sound is the context that the endpoint takes as its prompt. */
  async #transcribe(call: MediaCall): Promise<ModelAnswer> {
    const { text, sounds } = mediaPromptOf(call.request.messages);
    const [sound, ...more] = sounds;
    if (sound === undefined || more.length > 0) throw rejected(this.#model, `a transcription takes one sound, and the prompt has ${sounds.length}.`);
    const { stream: _, ...given } = call.request.parameters;
    const { language, response_format: format } = this.#model.media;
    const body: JsonObject = {
      ...(language === undefined ? {} : { language }),
      ...(typeof format === 'string' ? { response_format: format } : {}),
      ...(text === '' ? {} : { prompt: text }),
      ...given,
      model: this.#model.modelId,
    };
    const reply = await this.#send(call, { path: '/audio/transcriptions', body, files: [['file', sound]] });
    if (!['json', 'verbose_json', 'diarized_json', undefined].includes(body['response_format'] as string | undefined)) return mediaAnswer(reply.body.trim());
    const read = this.#parse(reply);
    if (!isJsonObject(read) || typeof read['text'] !== 'string') throw this.#http.malformed('it has no text');
    // Times and segments are what the longer formats are asked for.
    const isPlain = body['response_format'] === undefined || body['response_format'] === 'json';
    return mediaAnswer(isPlain ? read['text'] : JSON.stringify(read), { usage: usageOf(read['usage']) });
  }

  #checkPrompt(text: string, images: PromptFile[]): void {
    const limits = isJsonObject(this.#model.media['image_capabilities'] ?? null) ? (this.#model.media['image_capabilities'] as JsonObject) : {};
    const { prompt_char_limit: characters, max_edit_images: most } = limits;
    if (text === '') throw rejected(this.#model, 'the prompt of an image has no text.');
    if (typeof characters === 'number' && text.length > characters) throw rejected(this.#model, `the prompt has ${text.length} characters, and image_capabilities.prompt_char_limit is ${characters}.`);
    if (typeof most === 'number' && images.length > most) throw rejected(this.#model, `the prompt has ${images.length} images, and image_capabilities.max_edit_images is ${most}.`);
  }

  #readImages(reply: JsonValue, wanted: number): ModelAnswer {
    const data = isJsonObject(reply) && Array.isArray(reply['data']) ? reply['data'] : [];
    const images = data.map((image) => {
      const content = isJsonObject(image) ? image['b64_json'] : undefined;
      if (typeof content !== 'string') throw this.#http.malformed('an image of it has no b64_json; urls are not followed');
      const part = mediaPart(Buffer.from(content, 'base64'));
      if (part === null) throw this.#http.malformed('an image of it has no known format');
      return part;
    });
    if (images.length === 0) throw this.#http.malformed('it has no images');
    const usage = usageOf(isJsonObject(reply) ? reply['usage'] : undefined);
    if (wanted === 1) return mediaAnswer(images, { usage });
    const [first, ...others] = images.map((image) => mediaAnswer([image], { usage }));
    return { ...(first as ModelAnswer), ...(others.length === 0 ? {} : { alternatives: others.map(({ message, finishReason, refusal }) => ({ message, finishReason, refusal })) }) };
  }

  #send(call: MediaCall, { path, body, files, isBinary }: Sending): Promise<HttpReply> {
    return this.#http.fetch({
      path: path + this.#query,
      headers: this.#headers,
      body,
      ...(files === undefined ? {} : { form: formOf(body, files) }),
      ...(isBinary === undefined ? {} : { isBinary }),
      signal: call.signal,
      unsentSignal: call.unsentSignal,
      maximumBodyBytes: MAXIMUM_MEDIA_BYTES,
    });
  }

  #parse({ body }: HttpReply): JsonValue {
    try {
      return JSON.parse(body) as JsonValue;
    } catch (error) {
      throw this.#http.classify(error);
    }
  }
}

interface Sending {
  path: string;
  body: JsonObject;
  /** By the names of their fields; the body goes along as a form then. */
  files?: [string, PromptFile][];
  isBinary?: boolean;
}

function formOf(body: JsonObject, files: [string, PromptFile][]): FormData {
  const form = new FormData();
  for (const [key, value] of Object.entries(body)) {
    if (Array.isArray(value)) for (const item of value) form.append(`${key}[]`, fieldOf(item));
    else if (value !== null) form.append(key, fieldOf(value));
  }
  for (const [key, { bytes, mediaType, name }] of files) form.append(key, new Blob([bytes], { type: mediaType }), name);
  return form;
}

function fieldOf(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Images and transcriptions count as `input_tokens`, servers of others as the chat does. */
function usageOf(usage: JsonValue | undefined): ModelAnswer['usage'] {
  const count = (...names: string[]): number => {
    const value = isJsonObject(usage) ? names.map((name) => usage[name]).find((each) => typeof each === 'number') : 0;
    return typeof value === 'number' ? value : 0;
  };
  return { promptTokens: count('input_tokens', 'prompt_tokens'), completionTokens: count('output_tokens', 'completion_tokens'), cachedPromptTokens: 0 };
}

export type OpenaiMediaTask = 'image' | 'speech' | 'transcription';

export function createOpenaiMedia(options: ModelClientOptions, task: OpenaiMediaTask): MediaMaker {
  return new OpenaiMedia(options, task);
}
