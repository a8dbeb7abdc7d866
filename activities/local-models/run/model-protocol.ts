import type { DecodedAnswer, DecodingJob } from './batch-decoder.ts';

/** A chat to go on with. */
export interface GenerateRequest extends Pick<DecodingJob, 'sampling' | 'stops' | 'seed'> {
  messages: { role: string; content: string }[];
  maximumTokens: number;
}

export interface GeneratedAnswer extends DecodedAnswer {
  promptTokens: number;
}

/** How surprising a text is to a model. */
export interface TextScore {
  /** Tokens that were scored: all but those that begin a text or a window of it. */
  tokens: number;
  /** Sum of the negative natural logarithms of their probabilities. */
  nll: number;
  /** e to the mean of these; null where there is nothing to score. */
  perplexity: number | null;
}

export type ToModelThread =
  | { kind: 'generate'; id: number; request: GenerateRequest }
  | { kind: 'score'; id: number; texts: string[] }
  | { kind: 'cancel'; id: number }
  | { kind: 'close' };

export type FromModelThread =
  | { kind: 'started'; id: number }
  | { kind: 'generated'; id: number; answer: GeneratedAnswer }
  | { kind: 'scored'; id: number; scores: TextScore[] }
  /** `request`: another one may well succeed. */
  | { kind: 'failed'; id: number; problem: string; fault: 'request' | 'model' };
