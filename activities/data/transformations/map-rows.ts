import type { JsonObject } from '../../../pipeline/json.ts';
import type { RecordBatches } from '../record-batches.ts';
import type { SourceRow } from '../record-source.ts';

/** Changes each good row on its own; `row` counts from 1 and counts bad rows too. */
export async function* mapRows(
  batches: RecordBatches,
  change: (values: JsonObject, row: number) => SourceRow,
): AsyncGenerator<SourceRow[]> {
  let row = 0;
  for await (const batch of batches) {
    yield batch.map((entry) => {
      row += 1;
      return entry.ok ? change(entry.row, row) : entry;
    });
  }
}
