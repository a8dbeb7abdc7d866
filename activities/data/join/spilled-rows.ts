import { createHash, randomBytes } from 'node:crypto';
import { readSync } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SyngraphError } from '../../../pipeline/errors.ts';
import type { JsonObject } from '../../../pipeline/json.ts';
import type { RecordBatches } from '../record-batches.ts';
import type { SourceRow } from '../record-source.ts';

/** A row needs 12 bytes of memory, or 20 with a key, so that this is 200 MB. */
export const MOST_JOINED_ROWS = 10_000_000;

const CHUNK_CHARACTERS = 1 << 20;
const FIRST_CAPACITY = 1 << 10;

export interface SpillOptions {
  /** For messages. */
  name: string;
  /** Text that rows are found by; null: by none. Absent: rows are only found by position. */
  keyOf?: (row: JsonObject) => string | null;
  /** Default MOST_JOINED_ROWS. */
  mostRows?: number;
}

/**
 * The rows of a source that joins another one: in a temporary file, with only their places in
 * memory. Close it; the file has no name any more, so that nothing is left of it even by a crash.
 */
export class SpilledRows {
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #options: SpillOptions;
  /** Where row n begins; one more than there are rows. */
  #offsets = new Float64Array(FIRST_CAPACITY);
  #hashes = new Uint32Array(FIRST_CAPACITY);
  #heads = new Int32Array(0);
  #next = new Int32Array(0);
  #length = 0;
  readonly #columns = new Set<string>();
  readonly #badRows: SourceRow[] = [];

  private constructor(handle: FileHandle, path: string, options: SpillOptions) {
    this.#handle = handle;
    this.#path = path;
    this.#options = options;
  }

  /** Reads a source to its end. @throws SyngraphError SOURCE_INVALID for too many rows, DISK_FULL */
  static async read(batches: RecordBatches, options: SpillOptions): Promise<SpilledRows> {
    const path = join(tmpdir(), `syngraph-join-${process.pid}-${randomBytes(6).toString('hex')}`);
    const spilled = new SpilledRows(await open(path, 'wx+', 0o600), path, options);
    try {
      // Where open files cannot be removed it is done at the end.
      await rm(path).catch(() => undefined);
      await spilled.#fill(batches);
      if (options.keyOf !== undefined) spilled.#link();
      return spilled;
    } catch (error) {
      await spilled.close();
      throw error;
    }
  }

  get length(): number {
    return this.#length;
  }

  /** Of all rows, in order of appearance. */
  get columns(): ReadonlySet<string> {
    return this.#columns;
  }

  /** Rows that could not be read, where the source passes such rows on. */
  get badRows(): readonly SourceRow[] {
    return this.#badRows;
  }

  /** Reads synchronously: rows are small, and a promise for each would take longer than the page cache. */
  row(index: number): JsonObject {
    const start = this.#offsets[index]!;
    const buffer = Buffer.allocUnsafe(this.#offsets[index + 1]! - start);
    for (let done = 0; done < buffer.length;) {
      const count = readSync(this.#handle.fd, buffer, done, buffer.length - done, start + done);
      if (count === 0) throw new Error('the temporary file of a joined source was cut short');
      done += count;
    }
    return JSON.parse(buffer.toString('utf8')) as JsonObject;
  }

  /** Rows with this key, in their order. */
  *matches(key: string): Generator<JsonObject> {
    const { keyOf } = this.#options;
    if (keyOf === undefined || this.#heads.length === 0) return;
    const hash = hashOf(key);
    for (let index = this.#heads[hash % this.#heads.length]!; index !== -1; index = this.#next[index]!) {
      if (this.#hashes[index] !== hash) continue;
      const row = this.row(index);
      if (keyOf(row) === key) yield row;
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
    await rm(this.#path, { force: true });
  }

  async #fill(batches: RecordBatches): Promise<void> {
    let chunk = '';
    let end = 0;
    for await (const batch of batches) {
      for (const entry of batch) {
        if (!entry.ok) {
          this.#badRows.push(entry);
          continue;
        }
        const text = JSON.stringify(entry.row);
        chunk += text;
        end += Buffer.byteLength(text);
        this.#add(entry.row, end);
        if (chunk.length < CHUNK_CHARACTERS) continue;
        await this.#write(chunk);
        chunk = '';
      }
    }
    await this.#write(chunk);
  }

  #add(row: JsonObject, end: number): void {
    const { name, keyOf, mostRows = MOST_JOINED_ROWS } = this.#options;
    if (this.#length >= mostRows) {
      throw new SyngraphError({
        code: 'SOURCE_INVALID',
        message: `${name} has more than ${mostRows.toLocaleString('en')} rows, the most that a source may have that joins another one.`,
        nextStep: 'Make the largest source the primary one, which is streamed, or cut this one with skip_records.',
      });
    }
    if (this.#length + 2 > this.#offsets.length) this.#grow();
    const key = keyOf?.(row);
    // A row without a key is found by none: #link leaves it out.
    if (keyOf !== undefined) this.#hashes[this.#length] = key === null || key === undefined ? NO_KEY : hashOf(key);
    this.#length += 1;
    this.#offsets[this.#length] = end;
    for (const column of Object.keys(row)) this.#columns.add(column);
  }

  #grow(): void {
    const offsets = new Float64Array(this.#offsets.length * 2);
    offsets.set(this.#offsets);
    this.#offsets = offsets;
    if (this.#options.keyOf === undefined) return;
    const hashes = new Uint32Array(offsets.length);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
  }

  /** Chains rows of the same hash; from the end, so that each chain is in the order of the rows. */
  #link(): void {
    this.#heads = new Int32Array(Math.max(1, this.#length)).fill(-1);
    this.#next = new Int32Array(this.#length);
    for (let index = this.#length - 1; index >= 0; index -= 1) {
      const hash = this.#hashes[index]!;
      if (hash === NO_KEY) continue;
      const slot = hash % this.#heads.length;
      this.#next[index] = this.#heads[slot]!;
      this.#heads[slot] = index;
    }
  }

  async #write(text: string): Promise<void> {
    try {
      await this.#handle.appendFile(text);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
      throw new SyngraphError({
        code: 'DISK_FULL',
        message: `There is no room in ${tmpdir()} for the rows of ${this.#options.name}.`,
        nextStep: 'Make room there, or set TMPDIR to a folder with more of it, and start again; a run is resumed.',
        cause: error,
      });
    }
  }
}

const NO_KEY = 0;

/** From data that we do not trust: a weaker hash would let it make all rows share a chain. Never 0. */
function hashOf(key: string): number {
  return createHash('sha256').update(key).digest().readUInt32BE(0) || 1;
}
