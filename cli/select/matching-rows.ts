import { weightedKey } from '../../analysis/selection/choose-rows.ts';
import { numberAt, recordView, textAt } from '../../analysis/selection/record-view.ts';
import { Strata } from '../../analysis/selection/strata.ts';
import { SpilledRows } from '../../activities/data/join/spilled-rows.ts';
import type { RecordSource, SourceRow } from '../../activities/data/record-source.ts';
import { seededRandom } from '../../activities/nodes/seeded-random.ts';
import { GrowingArray } from '../../activities/sets/growing-array.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import { matchesWhere } from '../../pipeline/matches-where.ts';
import { ConditionFields, type UnknownField } from './condition-fields.ts';
import { withProvenance } from './provenance.ts';
import type { Selection } from './select-options.ts';

/** Of a row 32 bytes are held in memory, so that this is 320 MB; its content is in a temporary file. */
export const MOST_ROWS = 10_000_000;
const ROWS_AT_ONCE = 256;

export interface MatchingRows {
  /** Those that meet the condition, by their number among these. Close it. */
  rows: SpilledRows;
  /** Rows of the source. */
  records: number;
  /** Of the condition. */
  unknownFields: UnknownField[];
  /** What rows are chosen by; null where all are. */
  keys: Float64Array | null;
  strata: { names: (string | null)[]; numbers: Int32Array } | null;
  /** What rows are ordered by; null: the source's order. */
  order: Float64Array | null;
}

export interface ReadMatching {
  rows: RecordSource;
  /** For messages and provenance. */
  file: string;
  selection: Selection;
  /** For provenance. Default selected. */
  role?: 'selected' | 'mixed';
}

/** Reads a source once, and keeps what choosing and ordering needs. */
export async function readMatching({ rows, file, selection, role = 'selected' }: ReadMatching): Promise<MatchingRows> {
  const { where, choice, order, into, provenance, seed } = selection;
  const keys = choice === null ? null : new GrowingArray(Float64Array);
  const values = order === null ? null : new GrowingArray(Float64Array);
  const strata = choice?.stratify == null ? null : { field: choice.stratify, table: new Strata(choice.stratify), numbers: new GrowingArray(Int32Array) };
  const fields = new ConditionFields(where);
  let [records, kept] = [0, 0];

  const take = (row: JsonObject): boolean => {
    const view = recordView(row, into);
    fields.see(view);
    if (where !== null && !matchesWhere(where, view)) return false;
    if (kept === MOST_ROWS) throw tooMany(file);
    const draw = (): number => seededRandom([seed, role, records]);
    if (choice?.key.kind === 'random') keys?.push(draw());
    if (choice?.key.kind === 'best') keys?.push(numberAt(view, choice.key.field) * (choice.key.lowest ? -1 : 1));
    if (choice?.key.kind === 'weighted') keys?.push(weightedKey(weightAt(view, { field: choice.key.field, file, number: records }), draw()));
    values?.push(order === null ? Number.NaN : numberAt(view, order.field));
    strata?.numbers.push(strata.table.numberOf(textAt(view, strata.field)));
    kept += 1;
    return true;
  };

  async function* batches(): AsyncGenerator<SourceRow[]> {
    let batch: SourceRow[] = [];
    for await (const entry of rows) {
      records += 1;
      if (!entry.ok || !take(entry.row)) continue;
      batch.push(provenance === null ? entry : { ok: true, row: withProvenance(entry.row, { key: provenance, file, number: records, role }) });
      if (batch.length < ROWS_AT_ONCE) continue;
      yield batch;
      batch = [];
    }
    yield batch;
  }

  const spilled = await SpilledRows.read(batches(), { name: file });
  return { rows: spilled, records, unknownFields: fields.unknown(), keys: keys?.values() ?? null, order: values?.values() ?? null, strata: strata === null ? null : { names: strata.table.names(), numbers: strata.numbers.values() } };
}

function weightAt(view: JsonObject, { field, file, number }: { field: string; file: string; number: number }): number {
  const weight = numberAt(view, field);
  if (!(weight < 0)) return weight;
  throw new SyngraphError({
    code: 'SOURCE_INVALID',
    message: `${file}, record ${number}: a weight cannot be below zero, and ${field} is ${weight}`,
    nextStep: 'Weigh by another field, or leave such records out, e.g. by --where.',
  });
}

function tooMany(file: string): SyngraphError {
  return new SyngraphError({
    code: 'SET_TOO_LARGE',
    message: `more than ${MOST_ROWS.toLocaleString('en-US')} records of ${file} meet the condition, the most that can be chosen from or ordered`,
    nextStep: 'Narrow the condition, or split the file; --where alone has no such limit.',
  });
}
