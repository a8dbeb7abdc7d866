import * as arrow from 'apache-arrow';
import { Compression, Table, transformParquetStream, WriterPropertiesBuilder, type RecordBatch } from 'parquet-wasm';
import type { JsonObject } from '../../pipeline/json.ts';
import { RowType, toColumnValue } from './column-type.ts';
import type { TemporaryFile } from './temporary-file.ts';

/** Rows that cross into the writer together. */
const ROWS_TOGETHER = 1000;
const ROWS_PER_GROUP = 10_000;
/** A row group is held in memory until it is full, so long rows make smaller groups. */
const BYTES_PER_GROUP = 64 * 1024 * 1024;

/** The one schema that holds all rows. */
export async function rowTypeOf(rows: AsyncIterable<JsonObject>): Promise<RowType> {
  const type = new RowType();
  for await (const row of rows) type.add(row);
  return type;
}

/** Parquet with ZSTD. Returns the number of rows. */
export async function writeParquet(options: {
  rows: AsyncIterable<JsonObject>;
  type: RowType;
  file: TemporaryFile;
}): Promise<number> {
  const properties = new WriterPropertiesBuilder()
    .setCompression(Compression.ZSTD)
    .setMaxRowGroupSize(ROWS_PER_GROUP)
    .setMaxRowGroupBytes(BYTES_PER_GROUP)
    .setCreatedBy('syngraph')
    .build();
  const batches = new BatchSource(options.rows, options.type);
  try {
    const output = (await transformParquetStream(batches.stream(), properties)) as ReadableStream<Uint8Array>;
    for await (const piece of output) await options.file.write(piece);
  } catch (error) {
    // The writer knows only that its input ended; what happened to the input is the cause.
    throw batches.fault ?? error;
  }
  if (batches.fault !== null) throw batches.fault;
  return batches.count;
}

/** Rows as a stream of Arrow batches in the writer's memory. */
class BatchSource {
  readonly #rows: AsyncIterator<JsonObject>;
  readonly #type: RowType;
  readonly #schema: arrow.Schema;
  #first = true;
  count = 0;
  fault: Error | null = null;

  constructor(rows: AsyncIterable<JsonObject>, type: RowType) {
    this.#rows = rows[Symbol.asyncIterator]();
    this.#type = type;
    this.#schema = new arrow.Schema(type.fields());
  }

  stream(): ReadableStream<RecordBatch> {
    return new ReadableStream<RecordBatch>(
      {
        pull: async (controller) => {
          try {
            const batch = await this.#next();
            if (batch === null) controller.close();
            else controller.enqueue(batch);
          } catch (error) {
            this.fault = error instanceof Error ? error : new Error(String(error));
            controller.error(error);
          }
        },
        cancel: async () => {
          await this.#rows.return?.();
        },
      },
      { highWaterMark: 1 },
    );
  }

  async #next(): Promise<RecordBatch | null> {
    const rows: JsonObject[] = [];
    while (rows.length < ROWS_TOGETHER) {
      const next = await this.#rows.next();
      if (next.done === true) break;
      rows.push(next.value);
    }
    // One batch there must be, even without rows: the writer takes the schema from it.
    if (rows.length === 0 && !this.#first) return null;
    this.#first = false;
    this.count += rows.length;
    const batch = new arrow.RecordBatch(this.#schema, this.#structOf(rows));
    const bytes = arrow.tableToIPC(new arrow.Table(this.#schema, [batch]), 'stream');
    return Table.fromIPCStream(bytes).recordBatches()[0] ?? null;
  }

  #structOf(rows: JsonObject[]): arrow.Data<arrow.Struct> {
    const children = [...this.#type.columns].map(([name, type], index) => {
      const { type: fieldType } = this.#schema.fields[index] as { type: arrow.DataType };
      const builder = arrow.makeBuilder({ type: fieldType, nullValues: [null, undefined] });
      for (const row of rows) builder.append(toColumnValue(type, Object.hasOwn(row, name) ? row[name] : null));
      return builder.finish().flush() as arrow.Data;
    });
    return arrow.makeData({ type: new arrow.Struct(this.#schema.fields), length: rows.length, nullCount: 0, children });
  }
}
