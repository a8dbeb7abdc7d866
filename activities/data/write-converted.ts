import { convertRecords, type FailedConversion } from '../../formats/convert-records.ts';
import type { TrainingFormatName } from '../../formats/training-formats.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import type { FileFormat } from '../../pipeline/plan.ts';
import { removeLocation } from '../store/locations.ts';
import type { SourceRow } from './record-source.ts';
import { TemporaryFile } from './temporary-file.ts';
import { writeOutput } from './write-output.ts';

export interface WriteConverted {
  /** Called once per pass, as `OutputOptions.rows`. */
  rows: () => AsyncIterable<SourceRow>;
  format: TrainingFormatName;
  /** ISO 8601; for OASST rows of records that have no time of their own. */
  createdAt: string | null;
  output: { path: string; format: FileFormat };
  /** JSON lines of what could not be converted; an older file is removed where there is nothing. Absolute. */
  failedPath: string;
}

export interface ConversionCounts {
  /** A tree of OASST rows is one. */
  records: number;
  /** Of them, those that could not be converted. */
  failed: number;
  /** Rows that were written. */
  rows: number;
}

/**
 * Converts a dataset into a training format, streaming. Both files appear under their names only when they are whole.
 * @throws SyngraphError SINK_FAILED, DISK_FULL, and what reading the rows throws
 */
export async function writeConverted(options: WriteConverted): Promise<ConversionCounts> {
  const { output, failedPath } = options;
  const failures = new FailureFile(failedPath);
  const counts = { records: 0, failed: 0 };
  let hasBegun = false;
  async function* rows(): AsyncGenerator<JsonObject> {
    // CSV and Parquet take all rows twice; what failed is written once.
    const isFirst = !hasBegun;
    hasBegun = true;
    for await (const record of convertRecords({ ...options, rows: options.rows() })) {
      if (isFirst) counts.records += 1;
      if (record.ok) yield* record.rows;
      else if (isFirst) {
        counts.failed += 1;
        await failures.add(record);
      }
    }
  }
  try {
    const written = await writeOutput({ rows, ...output, encoding: 'utf-8' });
    await failures.finish();
    return { ...counts, rows: written.rows };
  } catch (error) {
    await failures.discard();
    throw error;
  }
}

/** Characters that are gathered before a write. */
const CHUNK = 256 * 1024;

/** Made when the first failure comes. */
class FailureFile {
  readonly #path: string;
  #file: TemporaryFile | null = null;
  #chunk = '';

  constructor(path: string) {
    this.#path = path;
  }

  async add({ ok: _, ...failure }: FailedConversion): Promise<void> {
    this.#file ??= await TemporaryFile.create(this.#path);
    this.#chunk += `${JSON.stringify(failure)}\n`;
    if (this.#chunk.length < CHUNK) return;
    await this.#file.write(Buffer.from(this.#chunk));
    this.#chunk = '';
  }

  async finish(): Promise<void> {
    if (this.#file === null) return removeLocation(this.#path);
    await this.#file.write(Buffer.from(this.#chunk));
    await this.#file.finish();
  }

  async discard(): Promise<void> {
    await this.#file?.discard();
  }
}
