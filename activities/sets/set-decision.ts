import type { JsonObject } from '../../pipeline/json.ts';

/** One record of a set, with its state as it comes to the node. */
export interface SetRecord {
  id: string;
  state: JsonObject;
}

/** What becomes of a record once the whole set is known. */
export type SetDecision =
  | { kind: 'keep'; set?: JsonObject }
  /** The record ends here and makes no row. */
  | { kind: 'drop' }
  | { kind: 'failed'; code: string; message: string };

/** By position in the order of the records. */
export type DecideRecord = (index: number) => SetDecision;

export const KEEP: SetDecision = { kind: 'keep' };
export const DROP: SetDecision = { kind: 'drop' };
