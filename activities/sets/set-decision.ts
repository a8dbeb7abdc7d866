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
  /** The record stays, and says in `into` which record it is near to. */
  | { kind: 'duplicate'; into: string; of: string; similarity: number }
  | { kind: 'failed'; code: string; message: string };

/** By position in the order of the records. */
export type DecideRecord = (index: number) => SetDecision;

export const KEEP: SetDecision = { kind: 'keep' };
export const DROP: SetDecision = { kind: 'drop' };
