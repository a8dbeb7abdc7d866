import { hash } from 'node:crypto';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import type { RecordBatches } from '../data/record-batches.ts';
import type { SourceRow } from '../data/record-source.ts';
import { holdsMedia, keepRowMedia } from '../media/keep-row-media.ts';
import type { Store } from '../store/store.ts';
import { createOccurrences, type Occurrences } from './occurrences.ts';
import type { StagedLine } from './staged-range.ts';

/** Lines in their order, as many together as are at hand; each is made when its turn comes. */
export type LineGroups = AsyncIterable<Iterable<StagedLine>>;

/**
 * Rows of a source as they are staged: with ids, their images and sounds kept beside them.
 * @param skip rows to leave out at the beginning
 * @throws SyngraphError SOURCE_INVALID for a record without an id
 */
export async function* sourceLines({ batches, store, idColumn, skip }: { batches: RecordBatches; store: Store; idColumn: string | null; skip: number }): AsyncGenerator<Iterable<StagedLine>> {
  const occurrences = createOccurrences();
  const lineOf = (row: SourceRow): StagedLine => stagedLine(row, occurrences, idColumn);
  let left = skip;
  for await (const batch of batches) {
    const rows = left === 0 ? batch : batch.slice(left);
    left -= batch.length - rows.length;
    if (!rows.some((row) => row.ok && holdsMedia(row.row))) yield eachInTurn(rows, lineOf);
    else for (const row of rows) yield [lineOf(row.ok ? { ...row, row: await keepRowMedia(store, row.row) } : row)];
  }
}

/** Not an array: what is wrong with a row that nobody asks for must not fail those before it. */
function* eachInTurn(rows: SourceRow[], lineOf: (row: SourceRow) => StagedLine): Generator<StagedLine> {
  for (const row of rows) yield lineOf(row);
}

export async function* linesOf(groups: LineGroups): AsyncGenerator<StagedLine> {
  for await (const lines of groups) yield* lines;
}

function stagedLine(row: SourceRow, occurrences: Occurrences, idColumn: string | null): StagedLine {
  if (!row.ok) return [occurrences.unique(`unreadable ${row.location}`), {}, `${row.location}: ${row.message}`];
  return [occurrences.unique(baseId(row.row, idColumn)), row.row];
}

/** The id column, else a hash of the content, whatever the order of its keys. */
function baseId(row: JsonObject, idColumn: string | null): string {
  if (idColumn === null) {
    const entries = Object.keys(row).sort().map((key) => [key, row[key]]);
    return hash('sha256', JSON.stringify(entries)).slice(0, 24);
  }
  const id = row[idColumn];
  if (typeof id === 'string' || typeof id === 'number') return String(id);
  throw new SyngraphError({
    code: 'SOURCE_INVALID',
    message: `a record has no text or number in its id_column ${idColumn}`,
    nextStep: 'Name a column that every record has, or leave id_column out.',
  });
}
