import { stringify } from 'csv-stringify/sync';
import type { JsonObject, JsonValue } from '../../pipeline/json.ts';
import type { TextWriterOptions } from './json-writer.ts';

const ROWS_TOGETHER = 500;

/** The columns of all rows, in the order in which they first appear. */
export async function columnsOf(rows: AsyncIterable<JsonObject>): Promise<string[]> {
  const columns = new Set<string>();
  for await (const row of rows) {
    for (const column of Object.keys(row)) columns.add(column);
  }
  return [...columns];
}

/** A header and a line a row. Returns the number of rows. */
export async function writeCsv({ rows, file, encode }: TextWriterOptions, columns: string[]): Promise<number> {
  // Without columns there is nothing to name; a header of one empty name could not be read back.
  let pending: string[][] = columns.length > 0 ? [columns] : [];
  let count = 0;
  for await (const row of rows) {
    count += 1;
    pending.push(columns.map((column) => cell(Object.hasOwn(row, column) ? row[column] : null)));
    if (pending.length < ROWS_TOGETHER) continue;
    await file.write(encode(stringify(pending)));
    pending = [];
  }
  await file.write(encode(stringify(pending)));
  return count;
}

function cell(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
