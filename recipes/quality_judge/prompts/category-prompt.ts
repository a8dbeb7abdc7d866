import type { Dimension, Judgement } from '../dimensions.ts';

/** What a judge of one category is told. */
export interface CategoryPrompt {
  /** Completes "You are …". */
  judge: string;
  /** What counts most in this category. */
  emphasis: string[];
  /** What each dimension means in it. */
  dimensions: Record<Dimension, string>;
  /** Two or three, from different ends of the scale. */
  examples: JudgedExample[];
}

export interface JudgedExample {
  /** Earlier turns, or a text that the request is about. */
  context?: string;
  request: string;
  answer: string;
  judgement: Judgement;
}
