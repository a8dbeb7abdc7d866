import { hash } from 'node:crypto';

/**
 * A number in [0, 1) that depends on its parts alone: the same run draws the same values whatever
 * the size of its batches and the number of its workers.
 */
export function seededRandom(parts: (string | number)[]): number {
  const digest = hash('sha256', JSON.stringify(parts), 'buffer');
  return digest.readUIntBE(0, 6) / 2 ** 48;
}
