import type { JsonObject } from '../../../pipeline/json.ts';
import type { ModelPlan } from '../../../pipeline/plan.ts';
import type { ModelRequest } from '../model-client.ts';

/** What a model does that is no conversation in texts. `spoken_chat` is a conversation whose answers are sounds. */
export type MediaTask = 'image' | 'speech' | 'spoken_chat' | 'transcription';

const IMAGE_MODEL = /^(gpt-image|chatgpt-image|dall-?e)/i;
const SPEECH_MODEL = /(^|[-/])tts(-|$)/i;
const TRANSCRIPTION_MODEL = /(^|[-/])(whisper|transcribe)(-|$)/i;
const SPOKEN_CHAT_MODEL = /^gpt-(audio|4o(-mini)?-audio)/i;

/** Types whose transcriptions are asked for by `input_type: audio`; of the others that says only what their chat takes. */
const TRANSCRIBERS = new Set<ModelPlan['type']>(['openai', 'azure_openai', 'vllm', 'mistralai', 'huggingface']);

/**
 * What the model is for, by `output_type`, by `input_type: audio`, and for OpenAI's own models by their names; null: a
 * conversation in texts.
 */
export function mediaTaskOf({ type, modelId, outputType, media }: ModelPlan): MediaTask | null {
  const id = modelId.replaceAll('_', '-');
  const isOpenai = type === 'openai' || type === 'azure_openai';
  if (outputType === 'image' || (isOpenai && IMAGE_MODEL.test(id))) return 'image';
  if (isOpenai && SPOKEN_CHAT_MODEL.test(id)) return 'spoken_chat';
  if (outputType === 'audio' || (isOpenai && SPEECH_MODEL.test(id))) return 'speech';
  const transcribes = (isOpenai && TRANSCRIPTION_MODEL.test(id)) || (media['input_type'] === 'audio' && TRANSCRIBERS.has(type));
  return transcribes ? 'transcription' : null;
}

/** Models that speak answer text with sound even unasked; about a sound they are asked in texts, unless `output_type` says otherwise. */
export function isAnsweredBySound({ outputType }: ModelPlan, { messages }: Pick<ModelRequest, 'messages'>): boolean {
  if (outputType === 'audio') return true;
  const parts = messages.flatMap(({ content }) => (Array.isArray(content) ? content : [])) as JsonObject[];
  return !parts.some(({ type }) => type === 'input_audio' || type === 'audio_url');
}
