import type { JsonObject } from '../../pipeline/json.ts';
import type { FileFormat } from '../../pipeline/plan.ts';
import { columnsOf, writeCsv } from './csv-writer.ts';
import { writeJsonArray, writeJsonLines } from './json-writer.ts';
import { outputEncoder } from './output-encoder.ts';
import type { MediaSource } from './media-source.ts';
import type { TemporaryFile } from './temporary-file.ts';
import { writeWhole } from './write-whole.ts';

export interface OutputOptions {
  /** Called once per pass: CSV and Parquet look at all rows for their columns before they write any. */
  rows: () => AsyncIterable<JsonObject>;
  /** Absolute. Missing folders are made; an older file is replaced. */
  path: string;
  format: FileFormat;
  /** utf-8, utf-16le or latin1; Parquet has none. */
  encoding: string;
  /** Contents of the images and sounds that rows refer to, for Parquet, which holds them itself. */
  media?: MediaSource;
}

/**
 * Writes an output file, streaming. It appears under its name only when it is whole.
 *
 * - `jsonl`, `json` (a list): rows as they are.
 * - `csv`: the columns of all rows in order of appearance; lists and objects as JSON text; null and
 *   absent as an empty cell. Cells that begin with `=`, `+`, `-` or `@` are left as they are: the
 *   file is data for programs, and a spreadsheet that opens it may take them for formulas.
 * - `parquet`: one schema over all rows, nested columns, ZSTD; images and sounds in Hugging Face's layout.
 * @throws SyngraphError SINK_FAILED, DISK_FULL
 */
export function writeOutput(options: OutputOptions): Promise<{ rows: number; bytes: number }> {
  return writeWhole(options.path, async (file) => ({ rows: await writeRows(options, file), bytes: file.bytes }));
}

async function writeRows({ rows, format, encoding, media }: OutputOptions, file: TemporaryFile): Promise<number> {
  switch (format) {
    case 'jsonl':
      return writeJsonLines({ rows: rows(), file, encode: outputEncoder(encoding, 'json') });
    case 'json':
      return writeJsonArray({ rows: rows(), file, encode: outputEncoder(encoding, 'json') });
    case 'csv':
      return writeCsv({ rows: rows(), file, encode: outputEncoder(encoding, 'none') }, await columnsOf(rows()));
    case 'parquet': {
      const { rowTypeOf, writeParquet } = await import('./parquet-writer.ts');
      return writeParquet({ rows: rows(), file, type: await rowTypeOf(rows()), media: media ?? null });
    }
  }
}
