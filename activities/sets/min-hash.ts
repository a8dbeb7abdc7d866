import { mix } from './shingles.ts';

/** How the minima of a signature are cut into bands. */
export interface Banding {
  bands: number;
  rows: number;
}

/** Probability that two texts at the threshold become candidates. */
const FOUND_AT_THRESHOLD = 0.99;

/**
 * The most rows, and so the fewest false candidates, with which two texts at the threshold share a
 * band with a probability of at least 0.99: 1 - (1 - s^r)^b for similarity s, r rows and b bands.
 * Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", section 3.4.
 */
export function chooseBanding(threshold: number, permutations: number): Banding {
  for (let rows = permutations; rows > 1; rows -= 1) {
    const bands = Math.floor(permutations / rows);
    if (1 - (1 - threshold ** rows) ** bands >= FOUND_AT_THRESHOLD) return { bands, rows };
  }
  return { bands: permutations, rows: 1 };
}

/**
 * Makes one key a band of a set of shingles: the hash of the band's minima. Two sets share the minimum
 * of a permutation with the probability of their Jaccard similarity (Broder 1997; Leskovec et al.,
 * section 3.3). Permutations are x -> a·x + b modulo 2^32 with odd a over hashes that are mixed
 * already, which costs one multiplication each.
 */
export class BandKeys {
  readonly #banding: Banding;
  readonly #multipliers: Int32Array;
  readonly #addends: Int32Array;

  constructor(banding: Banding) {
    this.#banding = banding;
    const count = banding.bands * banding.rows;
    this.#multipliers = Int32Array.from({ length: count }, (_, index) => mix(2 * index + 1) | 1);
    this.#addends = Int32Array.from({ length: count }, (_, index) => mix(2 * index + 2));
  }

  /** Writes `bands` keys. The set must not be empty. */
  write(shingles: Uint32Array, keys: Int32Array): void {
    const { bands, rows } = this.#banding;
    for (let band = 0, permutation = 0; band < bands; band += 1) {
      let key = band;
      for (let row = 0; row < rows; row += 1, permutation += 1) {
        key = mix(Math.imul(key, 31) ^ this.#minimum(shingles, permutation));
      }
      keys[band] = key;
    }
  }

  #minimum(shingles: Uint32Array, permutation: number): number {
    const multiplier = this.#multipliers[permutation]!;
    const addend = this.#addends[permutation]!;
    let minimum = 0x7fffffff;
    for (let index = 0; index < shingles.length; index += 1) {
      const value = (Math.imul(shingles[index]!, multiplier) + addend) | 0;
      if (value < minimum) minimum = value;
    }
    return minimum;
  }
}
