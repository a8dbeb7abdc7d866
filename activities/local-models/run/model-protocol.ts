import type { DecodedAnswer, DecodingJob } from './batch-decoder.ts';

/** A chat to go on with. */
export interface GenerateRequest extends Pick<DecodingJob, 'sampling' | 'stops' | 'seed'> {
  messages: { role: string; content: string }[];
  maximumTokens: number;
}

export interface GeneratedAnswer extends DecodedAnswer {
  promptTokens: number;
}

export interface ScoreRequest {
  texts: TextToScore[];
  /** Tokens of each text that are scored, from its beginning. Default: all. */
  maximumTokens?: number;
  /** Tokens that the model sees at once. Default, and at most: what it takes, and 1,024. */
  window?: number | null;
  /** Tokens that a window sees again of what stands before it. Default 0. */
  overlap?: number;
}

export interface TextToScore {
  text: string;
  /** Stands before the text, which is scored as what follows it; at most half a window of it then. Default: nothing stands before, and all is scored. */
  after?: string;
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

export interface ClassifyRequest {
  conversations: { role: string; content: string }[][];
  /** Tokens of a conversation that are read, from its end. */
  maximumTokens: number;
}

/** What a classifier says of a conversation, or why it cannot read it. */
export type TextClass = { logits: number[]; labels: string[]; tokens: number } | { problem: string };

export interface TextVectors {
  /** Of length 1. */
  vectors: Float32Array[];
  /** Of all texts, those that begin and end them included. */
  tokens: number;
}

export type ToModelThread =
  | { kind: 'generate'; id: number; request: GenerateRequest }
  | { kind: 'score'; id: number; request: ScoreRequest }
  | { kind: 'classify'; id: number; request: ClassifyRequest }
  | { kind: 'embed'; id: number; texts: string[] }
  | { kind: 'cancel'; id: number }
  | { kind: 'close' };

export type FromModelThread =
  | { kind: 'started'; id: number }
  | { kind: 'generated'; id: number; answer: GeneratedAnswer }
  | { kind: 'scored'; id: number; scores: TextScore[] }
  | { kind: 'classified'; id: number; classes: TextClass[] }
  | { kind: 'embedded'; id: number; answer: TextVectors }
  /** `request`: another one may well succeed. */
  | { kind: 'failed'; id: number; problem: string; fault: 'request' | 'model' };
