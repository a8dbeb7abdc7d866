import { tableFromIPC } from 'apache-arrow';
import { ParquetFile, type RecordBatch } from 'parquet-wasm';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import { rowsOfBatch } from './arrow-to-json.ts';

/** Rows that are decoded together: few enough that long conversations stay small in memory. */
const ROWS_TOGETHER = 1024;

const MAGIC = 'PAR1';

export interface ParquetReaderOptions {
  /** Read by slices; nothing else is asked of it. */
  blob: Blob;
  /** File for messages. */
  name: string;
}

/** Rows of a Parquet file, one row group in memory at a time. @throws SyngraphError SOURCE_INVALID */
export async function* readParquet(options: ParquetReaderOptions): AsyncGenerator<JsonObject[]> {
  let row = 0;
  const file = await openParquet(options);
  try {
    const stream = (await file.stream({ batchSize: ROWS_TOGETHER, concurrency: 1 })) as ReadableStream<RecordBatch>;
    const reader = stream.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        const rows = tableFromIPC(value.intoIPCStream()).batches.flatMap(rowsOfBatch);
        row += rows.length;
        yield rows;
      }
    } finally {
      // Leaving early must stop the wasm side from reading on; after an error there is nothing to stop.
      await reader.cancel().catch(() => undefined);
    }
  } catch (cause) {
    throw parquetError(cause, { name: options.name, row });
  }
}

/** Names of the top-level columns. @throws SyngraphError SOURCE_INVALID */
export async function parquetColumns(options: ParquetReaderOptions): Promise<string[]> {
  const file = await openParquet(options);
  try {
    return tableFromIPC(file.schema().intoIPCStream()).schema.fields.map(({ name }) => name);
  } catch (cause) {
    throw parquetError(cause, { name: options.name, row: 0 });
  }
}

async function openParquet({ blob, name }: ParquetReaderOptions): Promise<ParquetFile> {
  // Checked here first: these are the two most common faults, and the library says little about them.
  if (blob.size < 12) throw invalid(name, `it has only ${blob.size} bytes; a Parquet file has at least 12.`);
  const head = await markAt(blob, 0, name);
  if (head !== MAGIC) throw invalid(name, `it does not begin with ${MAGIC}, so it is not a Parquet file.`);
  const tail = await markAt(blob, blob.size - MAGIC.length, name);
  if (tail !== MAGIC) throw invalid(name, `it does not end with ${MAGIC}: it is cut off, or still being written.`);
  try {
    return await ParquetFile.fromFile(blob);
  } catch (cause) {
    throw parquetError(cause, { name, row: 0 });
  }
}

async function markAt(blob: Blob, start: number, name: string): Promise<string> {
  try {
    return Buffer.from(await blob.slice(start, start + MAGIC.length).arrayBuffer()).toString('latin1');
  } catch (cause) {
    throw parquetError(cause, { name, row: 0 });
  }
}

function parquetError(cause: unknown, { name, row }: { name: string; row: number }): unknown {
  if (cause instanceof SyngraphError) return cause;
  const said = cause instanceof Error ? cause.message : String(cause);
  const where = row === 0 ? 'before its first row' : `behind row ${row}`;
  return invalid(name, `it cannot be read ${where}: ${said}`, cause);
}

function invalid(name: string, message: string, cause?: unknown): SyngraphError {
  return new SyngraphError({
    code: 'SOURCE_INVALID',
    message: `${name}: ${message}`,
    nextStep: 'Copy or write the file again, or set the `file_format` that it has.',
    details: { location: name },
    cause,
  });
}
