import { openLocalModel } from './shared-models.ts';
import type { TextScore } from './run/model-protocol.ts';

export interface ScorePerplexity {
  /** As `model` of a local model: a folder, a GGUF file, a repository on the Hub, or the default model's name. */
  model: string;
  environment: NodeJS.ProcessEnv;
  signal: AbortSignal;
  onProgress?: (line: string) => void;
}

/**
 * How surprising each text is to a model: perplexity is e to the mean negative log-probability of its tokens, given all
 * before them and the token that begins texts. Works in a thread of its own; callers that score much give many texts at once.
 * @throws LocalModelError
 */
export async function scorePerplexity(texts: string[], options: ScorePerplexity): Promise<TextScore[]> {
  const { environment, onProgress = () => undefined } = options;
  const { model, release } = await openLocalModel(options.model, { environment, onProgress });
  try {
    return await model.score(texts, options.signal);
  } finally {
    await release();
  }
}
