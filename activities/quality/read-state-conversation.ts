import type { Conversation } from '../../formats/conversation.ts';
import { readConversation } from '../../formats/read-conversation.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonObject } from '../../pipeline/json.ts';

export interface StateConversation {
  conversation: Conversation;
  /** State keys that it was read from. */
  keys: string[];
}

const IDS = ['id', 'conversation_id'];

/**
 * The conversation of a record's state: under `key`, or where training files have it.
 * @throws SyngraphError CONVERSATION_INVALID
 */
export function readStateConversation(state: JsonObject, key: string | null): StateConversation {
  if (key === null) {
    const conversation = readConversation(state);
    return { conversation, keys: Object.keys(state).filter((name) => !(name in conversation.metadata) && !IDS.includes(name.toLowerCase())) };
  }
  const value = state[key];
  if (Array.isArray(value)) return { conversation: readConversation({ ...endOf(state), messages: value }), keys: [key] };
  if (typeof value === 'string') return { conversation: readConversation({ ...endOf(state), text: value }), keys: [key] };
  const found = value === undefined ? 'nothing' : value === null ? 'null' : `a ${typeof value}`;
  throw new SyngraphError({ code: 'CONVERSATION_INVALID', message: `a list of messages or a text is wanted under ${key}, and there is ${found}` });
}

/** How the answer ended may stand beside the messages. */
function endOf({ finish_reason: finishReason, stop_reason: stopReason }: JsonObject): JsonObject {
  return { ...(finishReason === undefined ? {} : { finish_reason: finishReason }), ...(stopReason === undefined ? {} : { stop_reason: stopReason }) };
}
