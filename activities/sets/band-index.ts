/** Texts of one bucket that a text is compared with at most: bounds the time where very many texts share a passage. */
const MOST_OF_A_BUCKET = 256;

/**
 * Finds texts that share a key of a band with a given one. Only texts that were added are found.
 * About 12 bytes a text and band.
 */
export class BandIndex {
  readonly #keys: Int32Array;
  readonly #bands: number;
  readonly #mask: number;
  /** By band and slot: the latest text of the bucket plus one; 0 is free. */
  readonly #heads: Uint32Array;
  /** By band and text: the text before it in the bucket plus one. */
  readonly #next: Uint32Array;

  /** @param keys `bands` keys for each text */
  constructor(keys: Int32Array, bands: number) {
    const texts = keys.length / bands;
    const capacity = 2 ** Math.ceil(Math.log2(Math.max(2, texts * 1.5)));
    this.#keys = keys;
    this.#bands = bands;
    this.#mask = capacity - 1;
    this.#heads = new Uint32Array(capacity * bands);
    this.#next = new Uint32Array(texts * bands);
  }

  add(text: number): void {
    for (let band = 0; band < this.#bands; band += 1) {
      const slot = this.#slot(text, band);
      this.#next[text * this.#bands + band] = this.#heads[slot]!;
      this.#heads[slot] = text + 1;
    }
  }

  /** The first candidate that is accepted, or -1. A candidate may be offered once for each band that it shares. */
  find(text: number, accepts: (candidate: number) => boolean): number {
    for (let band = 0; band < this.#bands; band += 1) {
      let link = this.#heads[this.#slot(text, band)]!;
      for (let count = 0; link !== 0 && count < MOST_OF_A_BUCKET; count += 1) {
        if (accepts(link - 1)) return link - 1;
        link = this.#next[(link - 1) * this.#bands + band]!;
      }
    }
    return -1;
  }

  /** Where the bucket of the text's key begins, or could begin. */
  #slot(text: number, band: number): number {
    const key = this.#keys[text * this.#bands + band]!;
    const base = band * (this.#mask + 1);
    for (let offset = key & this.#mask; ; offset = (offset + 1) & this.#mask) {
      const head = this.#heads[base + offset]!;
      if (head === 0 || this.#keys[(head - 1) * this.#bands + band] === key) return base + offset;
    }
  }
}
