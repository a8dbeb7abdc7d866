import type { SourceRow } from './record-source.ts';

/** Rows in their order, as many together as their reader finds at once. */
export type RecordBatches = AsyncIterable<SourceRow[]>;

export async function* flattenBatches(batches: RecordBatches, signal: AbortSignal): AsyncGenerator<SourceRow> {
  for await (const batch of batches) {
    signal.throwIfAborted();
    for (const row of batch) yield row;
  }
}
