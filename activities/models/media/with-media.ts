import type { ModelPlan, ModelType } from '../../../pipeline/plan.ts';
import { ModelCallError } from '../model-call-error.ts';
import type { ModelClient } from '../model-client.ts';
import type { ModelClientOptions } from '../model-endpoint.ts';
import type { MediaMaker } from './media-maker.ts';
import { isAnsweredBySound, mediaTaskOf, type MediaTask } from './media-task.ts';

type OpenMaker = (options: ModelClientOptions, chat: ModelClient) => Promise<MediaMaker>;

const openai = (task: 'image' | 'speech' | 'transcription'): OpenMaker => async (options) => (await import('./openai-media.ts')).createOpenaiMedia(options, task);
const gemini = (task: 'image' | 'speech'): OpenMaker => async (options, chat) => (await import('./gemini-media.ts')).createGeminiMedia(options, task, chat);
const huggingFace = (task: 'image' | 'speech' | 'transcription'): OpenMaker => async (options) => (await import('./hugging-face-media.ts')).createHuggingFaceMedia(options, task);
const spokenChat: OpenMaker = async ({ model }, chat) => (await import('./spoken-chat.ts')).createSpokenChat(model, chat);

/** Who can do what. */
const MAKERS: Record<MediaTask, Partial<Record<ModelType, OpenMaker>>> = {
  image: { openai: openai('image'), azure_openai: openai('image'), vllm: openai('image'), vertex_ai: gemini('image'), huggingface: huggingFace('image') },
  speech: { openai: openai('speech'), azure_openai: openai('speech'), vllm: openai('speech'), vertex_ai: gemini('speech'), huggingface: huggingFace('speech') },
  spoken_chat: { openai: spokenChat, azure_openai: spokenChat },
  transcription: { openai: openai('transcription'), azure_openai: openai('transcription'), vllm: openai('transcription'), mistralai: openai('transcription'), huggingface: huggingFace('transcription') },
};

const SETTINGS: Record<MediaTask, string> = { image: 'output_type: image', speech: 'output_type: audio', spoken_chat: 'output_type: audio', transcription: 'input_type: audio' };

/**
 * The client of a model that makes or reads images or sounds as well; any other is given back as it is.
 * @throws ModelCallError where models of its type cannot do what models.yaml asks of it
 */
export async function withMedia(options: ModelClientOptions, chat: ModelClient): Promise<ModelClient> {
  const { model } = options;
  const task = mediaTaskOf(model);
  if (task === null) return chat;
  const open = MAKERS[task][model.type];
  if (open === undefined) throw unsupported(model, task);
  return mediaClient({ model, task, chat, maker: await open(options, chat) });
}

function mediaClient({ model, task, chat, maker }: { model: ModelPlan; task: MediaTask; chat: ModelClient; maker: MediaMaker }): ModelClient {
  const isChat = task === 'spoken_chat';
  return {
    capabilities: isChat ? { ...chat.capabilities, samples: false } : { structuredOutput: false, samples: maker.samples, tools: false },
    complete: (request, signal, unsentSignal) =>
      isChat && !isAnsweredBySound(model, request) ? chat.complete(request, signal, unsentSignal) : maker.make({ request, signal, unsentSignal }),
    probe: (signal) => chat.probe(signal),
    close: async () => void (await Promise.all([chat.close(), maker.close()])),
  };
}

function unsupported(model: ModelPlan, task: MediaTask): ModelCallError {
  const able = Object.keys(MAKERS[task]).join(', ');
  return new ModelCallError({
    kind: 'configuration',
    reason: 'rejected',
    message: `Model "${model.name}": models of type ${model.type} cannot do ${SETTINGS[task]}; these can: ${able}.`,
  });
}
