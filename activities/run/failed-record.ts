import type { JsonObject } from '../../pipeline/json.ts';
import type { RecordFailure } from '../nodes/node-result.ts';

/** A line of the failed-records file. */
export interface FailedRecord extends RecordFailure {
  id: string;
  ordinal: number;
  /** State when the record failed. */
  state: JsonObject;
}
