import { createHash } from 'node:crypto';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import type { RecordSource, SourceRow } from '../data/record-source.ts';
import { keepRowMedia } from '../media/keep-row-media.ts';
import type { Store } from '../store/store.ts';
import { createOccurrences, type Occurrences } from './occurrences.ts';
import type { StagedLine } from './staged-range.ts';

/**
 * Rows of a source as they are staged: with ids, their images and sounds kept beside them.
 * @param skip rows to leave out at the beginning
 * @throws SyngraphError SOURCE_INVALID for a record without an id
 */
export async function* sourceLines({ rows, store, idColumn, skip }: { rows: RecordSource; store: Store; idColumn: string | null; skip: number }): AsyncGenerator<StagedLine> {
  const occurrences = createOccurrences();
  let position = 0;
  for await (const row of rows) {
    position += 1;
    if (position > skip) yield stagedLine(await withKeptMedia(store, row), occurrences, idColumn);
  }
}

/** Images and sounds are kept once, beside the rows. */
async function withKeptMedia(store: Store, row: SourceRow): Promise<SourceRow> {
  return row.ok ? { ...row, row: await keepRowMedia(store, row.row) } : row;
}

function stagedLine(row: SourceRow, occurrences: Occurrences, idColumn: string | null): StagedLine {
  if (!row.ok) return [occurrences.unique(`unreadable ${row.location}`), {}, `${row.location}: ${row.message}`];
  return [occurrences.unique(baseId(row.row, idColumn)), row.row];
}

/** The id column, else a hash of the content, whatever the order of its keys. */
function baseId(row: JsonObject, idColumn: string | null): string {
  if (idColumn === null) {
    const entries = Object.entries(row).sort(([left], [right]) => (left < right ? -1 : 1));
    return createHash('sha256').update(JSON.stringify(entries)).digest('hex').slice(0, 24);
  }
  const id = row[idColumn];
  if (typeof id === 'string' || typeof id === 'number') return String(id);
  throw new SyngraphError({
    code: 'SOURCE_INVALID',
    message: `a record has no text or number in its id_column ${idColumn}`,
    nextStep: 'Name a column that every record has, or leave id_column out.',
  });
}
