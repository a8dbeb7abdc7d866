/** Distinct words over words; null without words. */
export function typeTokenRatio(words: readonly string[]): number | null {
  return words.length === 0 ? null : new Set(words).size / words.length;
}

/**
 * Measure of textual lexical diversity, the mean of both directions: words over the number of
 * stretches in which the type-token ratio comes down to `factor`. The last stretch counts by how
 * far it has come, (1 - TTR) / (1 - factor). McCarthy and Jarvis 2010, "MTLD, vocd-D, and HD-D",
 * Behavior Research Methods 42, which advises factors from 0.66 to 0.75. Without a repeated word it
 * is the number of words. null without words.
 */
export function measureOfTextualLexicalDiversity(words: readonly string[], factor: number): number | null {
  if (words.length === 0) return null;
  return (oneWay(words, factor) + oneWay([...words].reverse(), factor)) / 2;
}

function oneWay(words: readonly string[], factor: number): number {
  let types = new Set<string>();
  let count = 0;
  let factors = 0;
  for (const word of words) {
    count += 1;
    types.add(word);
    if (types.size / count > factor) continue;
    factors += 1;
    count = 0;
    types = new Set();
  }
  if (count > 0) factors += (1 - types.size / count) / (1 - factor);
  return words.length / (factors === 0 ? 1 : factors);
}
