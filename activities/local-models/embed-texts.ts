import { DEFAULT_EMBEDDING_MODEL } from '../../pipeline/model-plan.ts';
import { openLocalModel } from './shared-models.ts';

export interface EmbedTexts {
  /** As `model` of a local model: a folder, or the name of the packaged model, which is the default. */
  model?: string;
  environment: NodeJS.ProcessEnv;
  signal: AbortSignal;
  onProgress?: (line: string) => void;
}

/** Texts that cross to the model's thread at once. */
const TEXTS_AT_ONCE = 512;

/**
 * A vector of length 1 for each text, in their order: texts that mean alike point alike. Works in a thread of the model's own;
 * 384 numbers a text with the packaged model. All vectors are held in memory: give it a sample, not a dataset.
 * @throws LocalModelError
 */
export async function embedTexts(texts: string[], options: EmbedTexts): Promise<Float32Array[]> {
  const { model: name = DEFAULT_EMBEDDING_MODEL, environment, signal, onProgress = () => undefined } = options;
  const { model, release } = await openLocalModel(name, { environment, onProgress });
  try {
    const vectors: Float32Array[] = [];
    for (let start = 0; start < texts.length; start += TEXTS_AT_ONCE) {
      vectors.push(...(await model.embed(texts.slice(start, start + TEXTS_AT_ONCE), signal)).vectors);
    }
    return vectors;
  } finally {
    await release();
  }
}
