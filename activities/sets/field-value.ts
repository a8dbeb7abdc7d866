import { conversationField } from '../../pipeline/conversation-field.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../pipeline/json.ts';
import { viewMessages } from '../../quality/view-messages.ts';
import { readStateConversation } from '../quality/read-state-conversation.ts';

/** A key of the state, or a path into it such as `judge.score`; null where there is nothing. */
export function fieldValue(state: JsonObject, field: string): JsonValue {
  if (Object.hasOwn(state, field)) return state[field] ?? null;
  let value: JsonValue = state;
  for (const step of field.split('.')) {
    if (!isJsonObject(value) || !Object.hasOwn(value, step)) return null;
    value = value[step] ?? null;
  }
  return value;
}

/**
 * What is compared of a record: a text as it is, items of a list in lines of their own, anything else
 * as JSON; for `@conversation` the words of its turns, wherever training files have them. null where the record has nothing, so that it is like no other.
 */
export function fieldText(state: JsonObject, field: string): string | null {
  const conversation = conversationField(field);
  if (conversation !== null) return conversationText(state, conversation.key);
  const value = fieldValue(state, field);
  const text = Array.isArray(value) ? value.map(textOf).join('\n') : textOf(value);
  return text.trim() === '' ? null : text;
}

function conversationText(state: JsonObject, key: string | null): string | null {
  try {
    const messages = viewMessages(readStateConversation(state, key).conversation);
    const text = messages.flatMap(({ role, text: said }) => (role === 'user' || role === 'assistant' ? [said] : [])).join('\n');
    return text.trim() === '' ? null : text;
  } catch (error) {
    if (error instanceof SyngraphError && error.code === 'CONVERSATION_INVALID') return null;
    throw error;
  }
}

function textOf(value: JsonValue): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
