import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import { batchName, rangeName } from '../run/run-files.ts';
import type { StagedIndex, StagedLine } from '../run/staged-range.ts';
import { readJson } from '../store/read-json.ts';
import type { Store } from '../store/store.ts';
import { formatResult, parseResult, type NodeResultFile } from './node-result.ts';

/** One source row within its batch. */
export interface SourceRecord {
  id: string;
  /** Position in the run. */
  ordinal: number;
  row: JsonObject;
  /** Why the row could not be read; it fails alone. */
  unreadable: string | null;
  /** Node that a record which is tried again goes to from START; END where only its rows are made. Absent: as all records do. */
  enter?: string;
}

export interface BatchKey {
  folder: string;
  range: number;
  batch: number;
}

/** Rows and results of the batches that a worker works on, so that a node need not read what its neighbour has just written. */
export interface BatchData {
  records(batch: BatchKey): Promise<SourceRecord[]>;
  result(batch: BatchKey, name: string): Promise<NodeResultFile>;
  /** Writes a result under its name and keeps it at hand. */
  write(batch: BatchKey, result: { name: string; file: NodeResultFile }): Promise<void>;
  /** The batch is finished here. */
  forget(batch: BatchKey): void;
}

/** Characters of batches kept; beyond it the batch that was not used for longest is dropped and read again when needed. */
const KEPT_CHARACTERS = 64 * 1024 * 1024;

interface CachedBatch {
  records: Promise<SourceRecord[]> | null;
  results: Map<string, NodeResultFile>;
  characters: number;
}

export function createBatchData(store: Store): BatchData {
  const batches = new Map<string, CachedBatch>();
  let characters = 0;

  function cached(batch: BatchKey): CachedBatch {
    const key = batchFolder(batch, 'state');
    const known = batches.get(key) ?? { records: null, results: new Map<string, NodeResultFile>(), characters: 0 };
    batches.delete(key);
    batches.set(key, known);
    return known;
  }

  function grow(key: string, batch: CachedBatch, by: number): void {
    // What was dropped while it was being read is counted no more.
    if (batches.get(key) !== batch) return;
    batch.characters += by;
    characters += by;
    for (const [name, oldest] of batches) {
      if (characters <= KEPT_CHARACTERS || oldest === batch) break;
      batches.delete(name);
      characters -= oldest.characters;
    }
  }

  return {
    records(batch) {
      const entry = cached(batch);
      entry.records ??= readRecords(store, batch).then(({ records, characters: size }) => {
        grow(batchFolder(batch, 'state'), entry, size);
        return records;
      });
      entry.records.catch(() => (entry.records = null));
      return entry.records;
    },
    async result(batch, name) {
      const entry = cached(batch);
      const known = entry.results.get(name);
      if (known !== undefined) return known;
      const key = `${batchFolder(batch, 'state')}/${name}.jsonl`;
      const content = await store.read(key);
      if (content === null) throw missing(store, key);
      const alsoRead = entry.results.get(name);
      if (alsoRead !== undefined) return alsoRead;
      const result = parseResult(content.toString('utf8'));
      entry.results.set(name, result);
      grow(batchFolder(batch, 'state'), entry, content.length);
      return result;
    },
    async write(batch, { name, file }) {
      const text = formatResult(file);
      await store.write(`${batchFolder(batch, 'state')}/${name}.jsonl`, text);
      const entry = cached(batch);
      entry.results.set(name, file);
      grow(batchFolder(batch, 'state'), entry, text.length);
    },
    forget(batch) {
      const key = batchFolder(batch, 'state');
      characters -= batches.get(key)?.characters ?? 0;
      batches.delete(key);
    },
  };
}

export function batchFolder({ folder, range, batch }: BatchKey, kind: 'state' | 'journal'): string {
  return `${folder}/${kind}/${rangeName(range)}/${batchName(batch)}`;
}

/** The source rows of a batch, as they were staged. */
export async function readRecords(store: Store, batch: BatchKey): Promise<{ records: SourceRecord[]; characters: number }> {
  const name = `${batch.folder}/source/${rangeName(batch.range)}`;
  const index = await readJson<StagedIndex>(store, `${name}.json`);
  if (index === null) throw missing(store, `${name}.json`);
  const first = index.firstOrdinal + batch.batch * index.batchSize;
  const count = Math.min(index.batchSize, index.firstOrdinal + index.records - first);
  if (index.offsets === null) {
    const records = Array.from({ length: count }, (_, position): SourceRecord => {
      const ordinal = first + position;
      // As SyGra does: a record without a source still has an id to tell it by.
      return { id: String(ordinal), ordinal, row: { id: ordinal }, unreadable: null };
    });
    return { records, characters: count };
  }
  const start = index.offsets[batch.batch] ?? 0;
  const end = index.offsets[batch.batch + 1] ?? start;
  const content = await store.readRange(`${name}.jsonl`, start, end - start);
  if (content?.length !== end - start) throw missing(store, `${name}.jsonl`);
  const lines = content.toString('utf8').split('\n').slice(0, count);
  const records = lines.map((line, position): SourceRecord => {
    const [id, row, unreadable, ordinal, enter] = JSON.parse(line) as StagedLine;
    return { id, ordinal: ordinal ?? first + position, row, unreadable: unreadable ?? null, ...(enter === undefined ? {} : { enter }) };
  });
  return { records, characters: content.length };
}

function missing(store: Store, key: string): SyngraphError {
  return new SyngraphError({
    code: 'STORE_INVALID',
    message: `the store ${store.location} lacks ${key}, which a running batch needs`,
    nextStep: 'Start the run again; its answers are taken from the journal.',
  });
}

