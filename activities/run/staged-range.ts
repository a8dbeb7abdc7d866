import type { JsonObject } from '../../pipeline/json.ts';

/** `source/<range>.json`: where the batches of a staged range are. */
export interface StagedIndex {
  firstOrdinal: number;
  records: number;
  batchSize: number;
  /** No range follows. */
  last: boolean;
  /** Byte offset of each batch in `source/<range>.jsonl`, and its end; null for data-less runs, which have no file. */
  offsets: number[] | null;
}

/**
 * A line of `source/<range>.jsonl`: id, row, and for a row that could not be read the reason. A retry
 * adds the record's ordinal in its run, and the node that it enters at where that is not the first one.
 */
export type StagedLine = [id: string, row: JsonObject, unreadable?: string | null, ordinal?: number, enter?: string];
