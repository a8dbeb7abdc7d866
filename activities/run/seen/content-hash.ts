import { createHash } from 'node:crypto';
import type { StagedLine } from '../staged-range.ts';

/** Bytes of a hash: among ten million records against ten million, one is mistaken once in 10^5 runs. */
export const HASH_BYTES = 8;

/** What a source record is, whatever its id and the order of its keys; one that could not be read is its place. */
export function contentHash([id, row, unreadable]: StagedLine): Buffer {
  const entries = Object.entries(row).sort(([left], [right]) => (left < right ? -1 : 1));
  return createHash('sha256').update(unreadable === undefined ? JSON.stringify(entries) : id).digest().subarray(0, HASH_BYTES);
}

/** One file's worth: ascending, one behind the other. */
export function sortedHashes(hashes: Buffer[]): Buffer {
  return Buffer.concat(hashes.sort((left, right) => left.compare(right)));
}
