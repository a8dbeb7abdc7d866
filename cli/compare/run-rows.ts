import { readRecords } from '../../activities/nodes/batch-data.ts';
import { partKey } from '../../activities/run/range-files.ts';
import { retriesOf } from '../../activities/run/retry/retries-of-run.ts';
import { runFolder } from '../../activities/run/run-files.ts';
import { isRow, readPartLines, readRanges } from '../../activities/run/run-parts.ts';
import type { Store } from '../../activities/store/store.ts';
import { isJsonObject, type JsonObject } from '../../pipeline/json.ts';
import type { RunName } from '../runs/run-name.ts';

/** The first row of each source record, with the record's id: a batch in memory at a time. Rows of retries come last. */
export async function* runRows(store: Store, name: RunName): AsyncGenerator<{ id: string; row: JsonObject }> {
  const folders = [runFolder({ ...name }), ...(await retriesOf(store, name)).map(({ reference }) => runFolder(reference))];
  for (const folder of folders) {
    for (const [range, { manifest }] of (await readRanges(store, folder)).entries()) {
      for (const { batch, part } of manifest?.batches ?? []) {
        const { records } = await readRecords(store, { folder, range, batch });
        const idOf = new Map(records.map(({ ordinal, id }) => [ordinal, id]));
        let last: number | null = null;
        for (const line of (await readPartLines(store, partKey(folder, range, part))).filter(isRow)) {
          const comma = line.indexOf(',');
          const ordinal = Number(line.slice(1, comma));
          if (ordinal === last) continue;
          last = ordinal;
          const row: unknown = JSON.parse(line.slice(comma + 1, -1));
          if (isJsonObject(row)) yield { id: idOf.get(ordinal) ?? String(ordinal), row };
        }
      }
    }
  }
}
