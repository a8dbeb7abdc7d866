import type { InferenceClient } from '@huggingface/inference';
import type { ModelAnswer } from '../model-client.ts';
import type { ModelPlan } from '../../../pipeline/plan.ts';
import type { ModelClientOptions } from '../model-endpoint.ts';
import { HuggingFaceConnection, type HuggingFaceCall } from '../providers/hugging-face-connection.ts';
import { readDataUrl } from '../providers/turns.ts';
import { MAXIMUM_MEDIA_BYTES, mediaAnswer, mediaPart } from './media-answer.ts';
import { rejected, type MediaCall, type MediaMaker } from './media-maker.ts';
import { mediaPromptOf } from './prompt-media.ts';

export type HuggingFaceTask = 'image' | 'speech' | 'transcription';

type ImageArguments = Parameters<InferenceClient['textToImage']>[0];
type SpeechArguments = Parameters<InferenceClient['textToSpeech']>[0];
type TranscriptionArguments = Parameters<InferenceClient['automaticSpeechRecognition']>[0];

/** Text to image, text to speech and speech recognition of Hugging Face's inference. `provider` among the parameters chooses who answers. */
class HuggingFaceMedia implements MediaMaker {
  readonly samples = false;
  readonly #model: ModelPlan;
  readonly #connection: HuggingFaceConnection;
  readonly #task: HuggingFaceTask;

  constructor(options: ModelClientOptions, task: HuggingFaceTask) {
    this.#model = options.model;
    this.#connection = new HuggingFaceConnection(options);
    this.#task = task;
  }

  async make({ request, signal, unsentSignal }: MediaCall): Promise<ModelAnswer> {
    const { text, images, sounds } = mediaPromptOf(request.messages);
    const { provider, stream: _, ...parameters } = request.parameters;
    const { own } = this.#connection;
    const whom = { ...('endpointUrl' in own ? {} : { provider: provider ?? 'hf-inference' }), ...own, model: this.#model.modelId };
    const call: HuggingFaceCall = { signal, unsentSignal, maximumBodyBytes: MAXIMUM_MEDIA_BYTES };
    if (this.#task === 'transcription') {
      const [sound, ...more] = sounds;
      if (sound === undefined || more.length > 0) throw rejected(this.#model, `a transcription takes one sound, and the prompt has ${sounds.length}.`);
      const given = { ...whom, data: new Blob([sound.bytes], { type: sound.mediaType }) } as unknown as TranscriptionArguments;
      const { text: heard } = await this.#connection.ask(call, (client, options) => client.automaticSpeechRecognition(given, options));
      if (typeof heard !== 'string') throw this.#connection.http.malformed('it has no text');
      return mediaAnswer(heard.trim());
    }
    if (images.length > 0 || sounds.length > 0) throw rejected(this.#model, 'on Hugging Face images and speech are made from words alone.');
    const given = { ...whom, inputs: text, ...(Object.keys(parameters).length === 0 ? {} : { parameters }) };
    const content = await this.#contentOf({ ...call, isBinary: true }, given);
    const part = mediaPart(content);
    if (part === null) throw this.#connection.http.malformed('it is no image or sound of a known format');
    return mediaAnswer([part]);
  }

  close(): Promise<void> {
    return this.#connection.http.close();
  }

  async #contentOf(call: HuggingFaceCall, given: object): Promise<Buffer> {
    if (this.#task === 'speech') {
      const sound = await this.#connection.ask(call, (client, options) => client.textToSpeech(given as SpeechArguments, options));
      return Buffer.from(await sound.arrayBuffer());
    }
    const image: unknown = await this.#connection.ask(call, (client, options) => client.textToImage(given as ImageArguments, { ...options, outputType: 'dataUrl' }));
    return Buffer.from(typeof image === 'string' ? (readDataUrl(image)?.data ?? '') : '', 'base64');
  }
}

export function createHuggingFaceMedia(options: ModelClientOptions, task: HuggingFaceTask): MediaMaker {
  return new HuggingFaceMedia(options, task);
}
