/**
 * Shares of characters in n-grams of words, as Gopher measures repetition (Rae et al. 2021, table
 * A1). Blanks and punctuation between words are not counted.
 */
export class RepeatedNgrams {
  readonly #numbers: Int32Array;
  /** Characters before the word. */
  readonly #starts: Int32Array;
  readonly #characters: number;

  constructor(words: readonly string[]) {
    const numberOf = new Map<string, number>();
    this.#numbers = new Int32Array(words.length);
    this.#starts = new Int32Array(words.length + 1);
    for (const [index, word] of words.entries()) {
      const number = numberOf.get(word) ?? numberOf.size;
      if (number === numberOf.size) numberOf.set(word, number);
      this.#numbers[index] = number;
      this.#starts[index + 1] = this.#starts[index]! + word.length;
    }
    this.#characters = this.#starts[words.length]!;
  }

  /** Of the most frequent n-gram, if it occurs more than once: its occurrences times its length. */
  topShare(size: number): number {
    const counts = new Map<number, number>();
    let most = 1;
    let length = 0;
    for (const [place, gram] of this.#grams(size).entries()) {
      const count = (counts.get(gram) ?? 0) + 1;
      counts.set(gram, count);
      const characters = this.#starts[place + size]! - this.#starts[place]!;
      if (count > most || (count === most && count > 1 && characters > length)) {
        most = count;
        length = characters;
      }
    }
    return most === 1 ? 0 : Math.min(1, (most * length) / this.#characters);
  }

  /** Of all words that belong to an n-gram which was there before, each counted once. */
  duplicateShare(size: number): number {
    const seen = new Set<number>();
    let characters = 0;
    let counted = 0;
    for (const [place, gram] of this.#grams(size).entries()) {
      if (!seen.has(gram)) {
        seen.add(gram);
        continue;
      }
      const from = Math.max(place, counted);
      characters += this.#starts[place + size]! - this.#starts[from]!;
      counted = place + size;
    }
    return this.#characters === 0 ? 0 : characters / this.#characters;
  }

  /** A number for each n-gram: two halves of 26 bits, so that different ones meet about never. */
  #grams(size: number): Float64Array {
    const count = Math.max(0, this.#numbers.length - size + 1);
    const grams = new Float64Array(count);
    for (let place = 0; place < count; place += 1) {
      let low = 0x811c9dc5;
      let high = 0x9747b28c;
      for (let index = place; index < place + size; index += 1) {
        const number = this.#numbers[index]! + 1;
        low = Math.imul(low ^ number, 0x01000193) ^ (low >>> 15);
        high = Math.imul(high + number, 0x85ebca6b) ^ (high >>> 13);
      }
      grams[place] = (low >>> 6) * 0x4000000 + (high >>> 6);
    }
    return grams;
  }
}
