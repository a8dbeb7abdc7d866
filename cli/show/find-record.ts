import { readRecords, type SourceRecord } from '../../activities/nodes/batch-data.ts';
import type { StagedIndex } from '../../activities/run/staged-range.ts';
import { rangeName } from '../../activities/run/run-files.ts';
import { readJson } from '../../activities/store/read-json.ts';
import type { Store } from '../../activities/store/store.ts';

/** Where a source record of a run is. */
export interface FoundRecord {
  folder: string;
  range: number;
  batch: number;
  position: number;
  /** Rows of its batch. */
  sources: SourceRecord[];
}

/**
 * The source record of an id, which may be that of a record that came from it, or `#` and its
 * ordinal. Reads one batch at a time; null where the run has none.
 */
export async function findRecord(store: Store, folder: string, id: string): Promise<FoundRecord | null> {
  const ordinal = /^#(\d+)$/.exec(id)?.[1];
  const wanted = ordinal === undefined ? idsOf(id) : [];
  let best: { found: FoundRecord; rank: number } | null = null;
  for (let range = 0; ; range += 1) {
    const index = await readJson<StagedIndex>(store, `${folder}/source/${rangeName(range)}.json`);
    if (index === null) return best?.found ?? null;
    const batches = Math.ceil(index.records / index.batchSize);
    for (let batch = 0; batch < batches; batch += 1) {
      const { records: sources } = await readRecords(store, { folder, range, batch });
      for (const [position, record] of sources.entries()) {
        const rank = ordinal === undefined ? wanted.indexOf(record.id) : record.ordinal === Number(ordinal) ? 0 : -1;
        if (rank === -1 || (best !== null && best.rank <= rank)) continue;
        best = { found: { folder, range, batch, position, sources }, rank };
        if (rank === 0) return best.found;
      }
    }
  }
}

/** The id itself, and those of the records that it may have come from: `a:0:2`, `a:0`, `a`. */
function idsOf(id: string): string[] {
  const ids = [id];
  for (let rest = id; /:\d+$/.test(rest); ) {
    rest = rest.replace(/:\d+$/, '');
    ids.push(rest);
  }
  return ids;
}
