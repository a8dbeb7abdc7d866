import * as arrow from 'apache-arrow';
import { Compression, EnabledStatistics, Table, transformParquetStream, WriterPropertiesBuilder, type RecordBatch } from 'parquet-wasm';
import type { JsonObject } from '../../pipeline/json.ts';
import { mediaNamesIn } from '../media/media-names.ts';
import { RowType, toColumnValue, type MediaContents } from './column-type.ts';
import { huggingFaceFeatures } from './hugging-face-features.ts';
import type { MediaSource } from './media-source.ts';
import type { TemporaryFile } from './temporary-file.ts';

/** Rows that cross into the writer together. */
const ROWS_TOGETHER = 1000;
const ROWS_PER_GROUP = 10_000;
/** A row group is held in memory until it is full, so long rows make smaller groups. */
const BYTES_PER_GROUP = 64 * 1024 * 1024;
/** Contents of images and sounds that cross into the writer together, unless one alone has more. */
const MEDIA_BYTES_TOGETHER = 24 * 1024 * 1024;

/** The one schema that holds all rows. */
export async function rowTypeOf(rows: AsyncIterable<JsonObject>): Promise<RowType> {
  const type = new RowType();
  for await (const row of rows) type.add(row);
  return type;
}

/** Parquet with ZSTD; images and sounds in Hugging Face's layout. Returns the number of rows. */
export async function writeParquet(options: {
  rows: AsyncIterable<JsonObject>;
  type: RowType;
  file: TemporaryFile;
  /** Where the contents are that rows refer to. */
  media: MediaSource | null;
}): Promise<number> {
  const features = huggingFaceFeatures(options.type);
  const metadata = new Map(features === null ? [] : [['huggingface', JSON.stringify({ info: { features } })]]);
  const builder = new WriterPropertiesBuilder().setMaxRowGroupSize(ROWS_PER_GROUP).setMaxRowGroupBytes(BYTES_PER_GROUP).setCreatedBy('syngraph');
  // Images and sounds are compressed already, and the least and the greatest of them tell nothing.
  const properties =
    features === null
      ? builder.setCompression(Compression.ZSTD).build()
      : builder.setCompression(Compression.SNAPPY).setStatisticsEnabled(EnabledStatistics.None).setDictionaryEnabled(false).setKeyValueMetadata(metadata).build();
  const batches = new BatchSource({ ...options, metadata });
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
  readonly #media: MediaSource | null;
  readonly #holdsMedia: boolean;
  /** Read, but too much for the batch before. */
  #next: { row: JsonObject; names: string[]; bytes: number } | null = null;
  #first = true;
  count = 0;
  fault: Error | null = null;

  constructor({ rows, type, media, metadata }: { rows: AsyncIterable<JsonObject>; type: RowType; media: MediaSource | null; metadata: Map<string, string> }) {
    this.#rows = rows[Symbol.asyncIterator]();
    this.#type = type;
    this.#media = media;
    this.#holdsMedia = metadata.size > 0;
    this.#schema = new arrow.Schema(type.fields(), metadata);
  }

  stream(): ReadableStream<RecordBatch> {
    return new ReadableStream<RecordBatch>(
      {
        pull: async (controller) => {
          try {
            const batch = await this.#nextBatch();
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

  async #nextBatch(): Promise<RecordBatch | null> {
    const rows: JsonObject[] = [];
    const contents = new Map<string, Uint8Array>();
    let bytes = 0;
    while (rows.length < ROWS_TOGETHER) {
      this.#next ??= await this.#take();
      if (this.#next === null || (rows.length > 0 && bytes + this.#next.bytes > MEDIA_BYTES_TOGETHER)) break;
      rows.push(this.#next.row);
      bytes += this.#next.bytes;
      for (const name of this.#next.names) await this.#read(name, contents);
      this.#next = null;
    }
    // One batch there must be, even without rows: the writer takes the schema from it.
    if (rows.length === 0 && !this.#first) return null;
    this.#first = false;
    this.count += rows.length;
    const batch = new arrow.RecordBatch(this.#schema, this.#structOf(rows, contents));
    const stream = arrow.tableToIPC(new arrow.Table(this.#schema, [batch]), 'stream');
    return Table.fromIPCStream(stream).recordBatches()[0] ?? null;
  }

  async #read(name: string, contents: Map<string, Uint8Array>): Promise<void> {
    const content = contents.has(name) ? null : ((await this.#media?.read(name)) ?? null);
    if (content !== null) contents.set(name, content);
  }

  async #take(): Promise<{ row: JsonObject; names: string[]; bytes: number } | null> {
    const next = await this.#rows.next();
    if (next.done === true) return null;
    const row = next.value;
    const names = this.#holdsMedia ? mediaNamesIn(row) : [];
    let bytes = 0;
    for (const name of names) bytes += (await this.#media?.size(name)) ?? 0;
    return { row, names, bytes };
  }

  #structOf(rows: JsonObject[], contents: MediaContents): arrow.Data<arrow.Struct> {
    const children = [...this.#type.columns].map(([name, type], index) => {
      const { type: fieldType } = this.#schema.fields[index] as { type: arrow.DataType };
      const builder = arrow.makeBuilder({ type: fieldType, nullValues: [null, undefined] });
      for (const row of rows) builder.append(toColumnValue(type, Object.hasOwn(row, name) ? row[name] : null, contents));
      return builder.finish().flush() as arrow.Data;
    });
    return arrow.makeData({ type: new arrow.Struct(this.#schema.fields), length: rows.length, nullCount: 0, children });
  }
}
