import { createHash } from 'node:crypto';

/** Numbers that depend on their seed alone. */
export interface SeededStream {
  /** In [0, 1), of 53 bits. */
  next(): number;
  /** A whole number of 32 bits, not negative. */
  nextInteger(): number;
}

/**
 * A stream of random numbers from the parts that name it. The generator is sfc32 of Chris
 * Doty-Humphrey's PractRand, seeded with 128 bits of SHA-256, so no two names share a stream.
 */
export function seededStream(parts: (string | number)[]): SeededStream {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest();
  let a = digest.readInt32LE(0);
  let b = digest.readInt32LE(4);
  let c = digest.readInt32LE(8);
  let counter = digest.readInt32LE(12);
  const nextInteger = (): number => {
    const result = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    return result >>> 0;
  };
  const next = (): number => ((nextInteger() >>> 5) * 2 ** 26 + (nextInteger() >>> 6)) / 2 ** 53;
  return { next, nextInteger };
}
