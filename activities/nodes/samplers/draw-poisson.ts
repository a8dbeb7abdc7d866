import type { SeededStream } from './seeded-stream.ts';

/** exp of its negative is far from what a double cannot hold any more. */
const MOST_AT_ONCE = 500;

/**
 * A count with the given mean: Knuth, The Art of Computer Programming 2, section 3.4.1. The sum of
 * independent Poisson counts is one with the sum of their means, so a large mean is taken in parts.
 */
export function drawPoisson(mean: number, stream: SeededStream): number {
  let count = 0;
  for (let left = mean; left > 0; left -= MOST_AT_ONCE) {
    const limit = Math.exp(-Math.min(left, MOST_AT_ONCE));
    for (let product = stream.next(); product > limit; product *= stream.next()) count += 1;
  }
  return count;
}
