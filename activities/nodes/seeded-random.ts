import { hash } from 'node:crypto';

/**
 * A number in [0, 1) that depends on its parts alone: the same run draws the same values whatever
 * the size of its batches and the number of its workers.
 */
export function seededRandom(parts: (string | number)[]): number {
  const first48Bits = hash('sha256', JSON.stringify(parts)).slice(0, 12);
  return Number.parseInt(first48Bits, 16) / 2 ** 48;
}
