import { hashText } from './random.ts';

export const EMBEDDING_DIMENSIONS = 256;

/**
 * A vector of length 1 in which texts that share words are near: each word adds 1 or -1 to a place that
 * its hash decides (feature hashing: Weinberger et al., "Feature Hashing for Large Scale Multitask
 * Learning", 2009), counted by the square root of its number. A text without words is (1, 0, 0 …).
 */
export function wordBagVector(text: string, dimensions: number = EMBEDDING_DIMENSIONS): number[] {
  const counts = new Map<string, number>();
  for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}]+/gu)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const vector = new Array<number>(dimensions).fill(0);
  for (const [word, count] of counts) {
    const hash = hashText(word);
    const place = Math.floor(hash / 2) % dimensions;
    vector[place] = (vector[place] ?? 0) + (hash % 2 === 0 ? 1 : -1) * Math.sqrt(count);
  }
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  if (length === 0) return vector.fill(0).fill(1, 0, 1);
  // Six digits are what endpoints send, and keep answers small.
  return vector.map((value) => Number((value / length).toFixed(6)));
}
