import type { NumberedWords } from './number-words.ts';

/** Distinct words over words; null without words. */
export function typeTokenRatio({ numbers, distinct }: NumberedWords): number | null {
  return numbers.length === 0 ? null : distinct / numbers.length;
}

/**
 * Measure of textual lexical diversity, the mean of both directions: words over the number of
 * stretches in which the type-token ratio comes down to `factor`. The last stretch counts by how
 * far it has come, (1 - TTR) / (1 - factor). McCarthy and Jarvis 2010, "MTLD, vocd-D, and HD-D",
 * Behavior Research Methods 42, which advises factors from 0.66 to 0.75. Without a repeated word it
 * is the number of words. null without words.
 */
export function measureOfTextualLexicalDiversity(words: NumberedWords, factor: number): number | null {
  if (words.numbers.length === 0) return null;
  const reversed = { ...words, numbers: words.numbers.toReversed() };
  return (oneWay(words, factor) + oneWay(reversed, factor)) / 2;
}

function oneWay({ numbers, distinct }: NumberedWords, factor: number): number {
  /** For each different word, the number of the stretch that has it, from 1. */
  const seenIn = new Int32Array(distinct);
  let [stretch, types, count] = [1, 0, 0];
  let factors = 0;
  for (let index = 0; index < numbers.length; index += 1) {
    const number = numbers[index]!;
    count += 1;
    if (seenIn[number] !== stretch) {
      seenIn[number] = stretch;
      types += 1;
    }
    if (types / count > factor) continue;
    factors += 1;
    stretch += 1;
    [types, count] = [0, 0];
  }
  if (count > 0) factors += (1 - types / count) / (1 - factor);
  return numbers.length / (factors === 0 ? 1 : factors);
}
