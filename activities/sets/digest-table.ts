import { createHash } from 'node:crypto';

const WORDS = 4;
const FIRST_CAPACITY = 4096;

/** 128 bits of a text's SHA-256. */
export type Digest = Uint32Array;

export function textDigest(text: string): Digest {
  const digest = createHash('sha256').update(text).digest();
  return Uint32Array.from({ length: WORDS }, (_, word) => digest.readUInt32LE(word * 4));
}

/**
 * Numbers distinct texts from 0 in the order in which they are met; two
 * of a billion texts share a digest by chance with a probability below 1e-20. Takes 24 to 48 bytes a text.
 */
export class DigestTable {
  /** Number of a text plus one; 0 is free. Open addressing, at most half full. */
  #slots = new Uint32Array(FIRST_CAPACITY);
  #digests = new Uint32Array((FIRST_CAPACITY / 2) * WORDS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @returns the number of the text */
  add(digest: Digest): number {
    const slot = this.#find(digest);
    const known = this.#slots[slot]!;
    if (known !== 0) return known - 1;
    const number = this.#size;
    this.#digests.set(digest, number * WORDS);
    this.#size += 1;
    this.#slots[slot] = this.#size;
    if (this.#size * 2 >= this.#slots.length) this.#grow();
    return number;
  }

  #find(digest: Uint32Array): number {
    const mask = this.#slots.length - 1;
    let slot = digest[0]! & mask;
    for (;;) {
      const known = this.#slots[slot]!;
      if (known === 0 || this.#equals(known - 1, digest)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #equals(number: number, digest: Uint32Array): boolean {
    for (let word = 0; word < WORDS; word += 1) if (this.#digests[number * WORDS + word] !== digest[word]) return false;
    return true;
  }

  #grow(): void {
    const digests = new Uint32Array(this.#digests.length * 2);
    digests.set(this.#digests);
    this.#digests = digests;
    this.#slots = new Uint32Array(this.#slots.length * 2);
    for (let number = 0; number < this.#size; number += 1) {
      this.#slots[this.#find(digests.subarray(number * WORDS, (number + 1) * WORDS))] = number + 1;
    }
  }
}
