import type { JsonObject } from '../../../pipeline/json.ts';

/** What has been written of a run, over all attempts. */
export interface SinkLedger {
  /** `uncertain`: it was about to be written, and nothing says whether it was. */
  stateOf(key: string): 'new' | 'uncertain' | 'written';
  /** When the row was first about to be written; epoch milliseconds. */
  sentAt(key: string): number | null;
  /** Whether a row of this run has this id there. */
  knows(id: string): boolean;
  sending(key: string): Promise<void>;
  written(key: string, id: string): Promise<void>;
}

/** A row with a key that it has in every attempt. */
export interface KeyedRow {
  key: string;
  row: JsonObject;
}
