import type { JsonObject } from '../../../pipeline/json.ts';
import type { ModelAnswer, ModelRequest } from '../../models/model-client.ts';
import type { NodeOutcome, WorkRecord } from '../node-work.ts';

/** A record on its way through the node: what it will ask, then what was answered, or how it ended. */
export interface Asking {
  record: WorkRecord;
  /** State after `pre_process`: what the prompt and the post-processor see. */
  state: JsonObject;
  request: ModelRequest | null;
  answer: ModelAnswer | null;
  attempts: number;
  outcome: NodeOutcome | null;
}
