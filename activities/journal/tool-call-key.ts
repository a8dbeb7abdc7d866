import { createHash } from 'node:crypto';
import type { JsonObject } from '../../pipeline/json.ts';
import { KEY_LENGTH, type CallIdentity } from './call-key.ts';

export interface ToolCallIdentity {
  seed: number;
  recordId: string;
  node: string;
  visit: CallIdentity['visit'];
  /** Turn of the agent's loop. */
  step: number;
  /** Position among the calls of the turn. */
  index: number;
  name: string;
  /** As the model gave them. */
  values: JsonObject;
  /** What would give another result: the code of the task, or the server. */
  origin: string;
}

/** Key of one tool call in the journal. Tools that are written anew get other keys, so old results are not taken for theirs. */
export function toolCallKey(identity: ToolCallIdentity): string {
  const { seed, recordId, node, visit, step, index, name, values, origin } = identity;
  const text = JSON.stringify(['tool', seed, recordId, node, visit, step, index, name, values, origin]);
  return createHash('sha256').update(text).digest('hex').slice(0, KEY_LENGTH);
}
