import { isJsonObject, type JsonObject, type JsonValue } from '../../../pipeline/json.ts';
import type { ModelPlan } from '../../../pipeline/plan.ts';
import type { ModelAnswer, ModelClient } from '../model-client.ts';
import { mediaPart, wavOfPcm } from './media-answer.ts';
import { rejected, type MediaMaker } from './media-maker.ts';
import { readDataUrl } from '../providers/turns.ts';

const DEFAULT_VOICE = 'alloy';
const DEFAULT_FORMAT = 'wav';

/** Chat completions of which the answer is to be spoken. */
export function createSpokenChat(model: ModelPlan, chat: ModelClient): MediaMaker {
  return {
    samples: false,
    async make({ request, signal, unsentSignal }) {
      const { audio, voice, response_format: format, ...rest } = request.parameters;
      const given = isJsonObject(audio ?? null) ? (audio as JsonObject) : {};
      const settings: JsonObject = {
        voice: voice ?? model.media['voice'] ?? DEFAULT_VOICE,
        format: typeof format === 'string' ? format : typeof model.media['response_format'] === 'string' ? model.media['response_format'] : DEFAULT_FORMAT,
        ...given,
      };
      const answer = await chat.complete({ ...request, parameters: { ...rest, modalities: ['text', 'audio'], audio: settings } }, signal, unsentSignal);
      return withKnownSound(model, answer, settings['format'] === 'pcm16');
    },
    close: () => Promise.resolve(),
  };
}

function withKnownSound(model: ModelPlan, answer: ModelAnswer, isRaw: boolean): ModelAnswer {
  const { content } = answer.message;
  if (!Array.isArray(content)) return answer;
  const parts = content.map((part): JsonValue => {
    const sound = isJsonObject(part) && isJsonObject(part['audio_url'] ?? null) ? (part['audio_url'] as JsonObject)['url'] : undefined;
    const data = typeof sound === 'string' ? readDataUrl(sound) : null;
    if (data === null) return part;
    const bytes = Buffer.from(data.data, 'base64');
    const known = mediaPart(isRaw ? wavOfPcm(bytes) : bytes);
    if (known === null) throw rejected(model, 'the answer is a sound of no known format.');
    return known;
  });
  return { ...answer, message: { ...answer.message, content: parts } };
}
