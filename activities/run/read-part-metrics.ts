import type { NodeMetrics } from '../../pipeline/metrics/node-metrics.ts';
import type { Store } from '../store/store.ts';
import type { PartFooter } from './range-files.ts';

/** Bytes at the end of a part that are read at first: most footers are shorter. */
const TAIL = 16 * 1024;

/** What the nodes did for the batch of a part. Reads the end of the part alone; empty where it does not say. */
export async function readPartMetrics(store: Store, key: string): Promise<NodeMetrics[]> {
  const size = (await store.size(key)) ?? 0;
  for (let length = Math.min(size, TAIL); length > 0; length = Math.min(size, length * 4)) {
    const tail = (await store.readRange(key, size - length, length))?.toString('utf8').trimEnd() ?? '';
    const start = tail.lastIndexOf('\n');
    if (start === -1 && length < size) continue;
    return (JSON.parse(tail.slice(start + 1)) as PartFooter).metrics ?? [];
  }
  return [];
}
