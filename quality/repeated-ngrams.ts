import { numberWords } from './number-words.ts';

/** Shares of a text's characters, blanks and punctuation between words not counted. */
export interface NgramShares {
  /** Of the n-gram with the most occurrences, all of them together; 0 where none occurs twice. */
  top: number;
  /** Of the words in n-grams that were there before, each word counted once. */
  duplicate: number;
}

/**
 * How much of a text is n-grams of words that occur again, as Gopher measures repetition (Rae et al.
 * 2021, table A1), by n from 2 to `largest`. An n-gram can occur twice only where its first n - 1
 * words do, so that little is left to look at after the first sizes.
 */
export function repeatedNgrams(words: readonly string[], largest: number): Map<number, NgramShares> {
  const { numbers, distinct } = numberWords(words);
  const starts = startsOf(words);
  const characters = starts[words.length]!;
  const shares = new Map<number, NgramShares>();
  /** For each place, the number of the n-gram that begins there, as far as it is still looked at. */
  const grams = Int32Array.from(numbers);
  let places = Int32Array.from(numbers.keys());
  for (let size = 2; size <= largest; size += 1) {
    const found = new Map<number, number>();
    const counts: number[] = [];
    let duplicate = 0;
    let counted = 0;
    let [most, length] = [1, 0];
    places = places.filter((place) => place + size <= words.length);
    for (const place of places) {
      // Exact: both factors are below the number of words.
      const key = grams[place]! * distinct + numbers[place + size - 1]!;
      const gram = found.get(key) ?? counts.length;
      if (gram === counts.length) found.set(key, gram);
      grams[place] = gram;
      const count = (counts[gram] ?? 0) + 1;
      counts[gram] = count;
      if (count === 1) continue;
      const end = starts[place + size]!;
      duplicate += end - starts[Math.max(place, counted)]!;
      counted = place + size;
      const own = end - starts[place]!;
      if (count > most || (count === most && own > length)) [most, length] = [count, own];
    }
    shares.set(size, { top: most === 1 ? 0 : Math.min(1, (most * length) / characters), duplicate: characters === 0 ? 0 : duplicate / characters });
    places = places.filter((place) => counts[grams[place]!]! > 1);
  }
  return shares;
}

/** The characters before each word, and those of all at the end. */
function startsOf(words: readonly string[]): Int32Array {
  const starts = new Int32Array(words.length + 1);
  for (let index = 0; index < words.length; index += 1) starts[index + 1] = starts[index]! + words[index]!.length;
  return starts;
}
