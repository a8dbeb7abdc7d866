/** A word is a number here: comparing numbers takes a fraction of the time. */
export interface NumberedWords {
  /** For each word; equal words have equal numbers, the first distinct one 0. */
  numbers: Int32Array;
  /** How many different words there are. */
  distinct: number;
}

export function numberWords(words: readonly string[]): NumberedWords {
  const numberOf = new Map<string, number>();
  const numbers = new Int32Array(words.length);
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index]!;
    let number = numberOf.get(word);
    if (number === undefined) numberOf.set(word, (number = numberOf.size));
    numbers[index] = number;
  }
  return { numbers, distinct: numberOf.size };
}
