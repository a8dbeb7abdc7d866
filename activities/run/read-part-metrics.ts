import type { NodeMetrics } from '../../pipeline/metrics/node-metrics.ts';
import type { Store } from '../store/store.ts';
import { readPartFooter } from './read-part-footer.ts';

/** What the nodes did for the batch of a part; empty where it does not say. */
export async function readPartMetrics(store: Store, key: string): Promise<NodeMetrics[]> {
  return (await readPartFooter(store, key)).metrics ?? [];
}
