import { mix } from './shingles.ts';

const BITS = 256;
const WORDS = BITS / 32;
/** Bits that are looked at first: enough to tell most unlike vectors apart. */
const FIRST_WORDS = 2;
/** Standard deviations beyond the expected difference at which a pair is passed over: one in 10,000 by chance. */
const DEVIATIONS = 4;
const ROUNDS = 3;

/**
 * 256 bits a vector, of which two vectors differ in a share of angle / π: random hyperplanes (Charikar,
 * "Similarity estimation techniques from rounding algorithms", 2002). The random projection is three
 * rounds of random signs and a Walsh-Hadamard transform, which take n·log n steps instead of 256·n
 * (Andoni et al., "Practical and optimal LSH for angular distance", 2015).
 */
export class Sketches {
  readonly #bits: Int32Array;
  readonly #signs: Float32Array;
  readonly #buffer: Float64Array;
  readonly #limit: number;
  readonly #firstLimit: number;

  constructor(options: { count: number; dimensions: number; threshold: number }) {
    const { count, dimensions, threshold } = options;
    const size = 2 ** Math.ceil(Math.log2(Math.max(BITS, dimensions)));
    this.#bits = new Int32Array(count * WORDS);
    this.#signs = Float32Array.from({ length: size * ROUNDS }, (_, index) => ((mix(index + 1) & 1) === 0 ? 1 : -1));
    this.#buffer = new Float64Array(size);
    this.#limit = differenceLimit(BITS, threshold);
    this.#firstLimit = differenceLimit(FIRST_WORDS * 32, threshold);
  }

  add(number: number, vector: Float32Array): void {
    const buffer = this.#buffer.fill(0);
    buffer.set(vector);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (let index = 0; index < buffer.length; index += 1) buffer[index]! *= this.#signs[round * buffer.length + index]!;
      transform(buffer);
    }
    for (let bit = 0; bit < BITS; bit += 1) {
      if (buffer[bit]! > 0) this.#bits[number * WORDS + (bit >> 5)]! |= 1 << (bit & 31);
    }
  }

  /** False for pairs that are below the threshold in all likelihood. */
  mayBeSimilar(one: number, other: number): boolean {
    let different = this.#difference(one, other, { from: 0, to: FIRST_WORDS });
    if (different > this.#firstLimit) return false;
    different += this.#difference(one, other, { from: FIRST_WORDS, to: WORDS });
    return different <= this.#limit;
  }

  #difference(one: number, other: number, { from, to }: { from: number; to: number }): number {
    let different = 0;
    for (let word = from; word < to; word += 1) different += countBits(this.#bits[one * WORDS + word]! ^ this.#bits[other * WORDS + word]!);
    return different;
  }
}

function differenceLimit(bits: number, threshold: number): number {
  const share = Math.acos(Math.min(1, threshold)) / Math.PI;
  return bits * share + DEVIATIONS * Math.sqrt(bits * share * (1 - share)) + 1;
}

/** Walsh-Hadamard, in place. */
function transform(values: Float64Array): void {
  for (let width = 1; width < values.length; width *= 2) {
    for (let start = 0; start < values.length; start += width * 2) {
      for (let index = start; index < start + width; index += 1) {
        const [left, right] = [values[index]!, values[index + width]!];
        values[index] = left + right;
        values[index + width] = left - right;
      }
    }
  }
}

function countBits(word: number): number {
  let count = word - ((word >>> 1) & 0x55555555);
  count = (count & 0x33333333) + ((count >>> 2) & 0x33333333);
  return Math.imul((count + (count >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
