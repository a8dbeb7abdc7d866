import { tableFromIPC } from 'apache-arrow';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import { rowsOfBatch } from './arrow-to-json.ts';
import type { ByteRanges } from './byte-ranges.ts';
import { ParquetDecoder } from './parquet-decoder.ts';

/** Rows that are decoded together: few enough that long conversations stay small in memory. */
const BATCH_ROWS = 1024;

const MAGIC = 'PAR1';

export interface ParquetReaderOptions {
  ranges: ByteRanges;
  /** File for messages. */
  name: string;
  /** Rows that are decoded together; default 1,024. */
  batchRows?: number;
}

/** Rows of a Parquet file, one row group in memory at a time. @throws SyngraphError SOURCE_INVALID */
export async function* readParquet(options: ParquetReaderOptions): AsyncGenerator<JsonObject[]> {
  await checkMarks(options);
  const { name, ranges, batchRows = BATCH_ROWS } = options;
  const decoder = new ParquetDecoder(ranges, batchRows);
  let row = 0;
  try {
    for (;;) {
      const told = await decoder.receive();
      if (told.kind === 'end') break;
      if (told.kind === 'error') throw invalid(name, brokenAt(row, told.message));
      // Asked for already here, so that the thread decodes while these rows are used.
      decoder.askNext();
      if (told.kind === 'schema') continue;
      const rows = tableFromIPC(told.ipc).batches.flatMap(rowsOfBatch);
      row += rows.length;
      yield rows;
    }
  } finally {
    await decoder.close();
  }
}

/** Names of the top-level columns. @throws SyngraphError SOURCE_INVALID */
export async function parquetColumns(options: ParquetReaderOptions): Promise<string[]> {
  await checkMarks(options);
  const decoder = new ParquetDecoder(options.ranges, 1);
  try {
    const told = await decoder.receive();
    if (told.kind === 'schema') return tableFromIPC(told.ipc).schema.fields.map(({ name }) => name);
    throw invalid(options.name, brokenAt(0, told.kind === 'error' ? told.message : 'it has no columns'));
  } finally {
    await decoder.close();
  }
}

/** Finds the two most common faults, of which the decoder says little. */
async function checkMarks({ ranges, name }: ParquetReaderOptions): Promise<void> {
  const { bytes } = ranges;
  if (bytes < 12) throw invalid(name, `it has only ${bytes} bytes; a Parquet file has at least 12.`);
  const mark = async (start: number): Promise<string> =>
    Buffer.from(await ranges.read(start, start + 4)).toString('latin1');
  if ((await mark(0)) !== MAGIC) throw invalid(name, `it does not begin with ${MAGIC}, so it is not a Parquet file.`);
  if ((await mark(bytes - 4)) !== MAGIC) {
    throw invalid(name, `it does not end with ${MAGIC}: it is cut off, or still being written.`);
  }
}

function brokenAt(row: number, said: string): string {
  const where = row === 0 ? 'before its first row' : `behind row ${row}`;
  return `it is broken and cannot be read ${where}: ${said}`;
}

function invalid(name: string, message: string): SyngraphError {
  return new SyngraphError({
    code: 'SOURCE_INVALID',
    message: `${name}: ${message}`,
    nextStep: 'Copy or write the file again, or set the `file_format` that it has.',
    details: { location: name },
  });
}
