import type { ModelType } from '../../pipeline/plan.ts';
import type { ModelClient } from './model-client.ts';
import type { ModelClientOptions } from './model-endpoint.ts';

export type ModelClientFactory = (options: ModelClientOptions) => Promise<ModelClient>;

/** Loaded when first needed: the package behind it takes a while, and a simulated run does without. */
const openaiCompatible: ModelClientFactory = async (options) =>
  new (await import('./openai-compatible-client.ts')).OpenaiCompatibleClient(options);

const simulated: ModelClientFactory = async ({ model }) =>
  new (await import('./simulated-client.ts')).SimulatedClient(model);

/** Who speaks to which type of model. A provider is one file and one line here. */
export const MODEL_CLIENTS: Record<ModelType, ModelClientFactory> = {
  openai: openaiCompatible,
  azure_openai: openaiCompatible,
  vllm: openaiCompatible,
  tgi: openaiCompatible,
  ollama: openaiCompatible,
  simulated,
};
