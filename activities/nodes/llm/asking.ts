import type { JsonObject } from '../../../pipeline/json.ts';
import type { ChatMessage } from '../../models/model-client.ts';
import type { NodeOutcome, WorkRecord } from '../node-work.ts';
import type { AnsweredModel } from './asked-model.ts';

/** A record on its way through the node: what it will ask, then what was answered, or how it ended. */
export interface Asking {
  record: WorkRecord;
  /** State after `pre_process`: what the prompt and the post-processor see. */
  state: JsonObject;
  messages: ChatMessage[] | null;
  /** One for each sample or model, in their order. */
  answered: AnsweredModel[];
  outcome: NodeOutcome | null;
}
