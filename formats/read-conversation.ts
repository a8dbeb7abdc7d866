import type { JsonObject, JsonValue } from '../pipeline/json.ts';
import { conversationFault } from './conversation-fault.ts';
import type { Conversation, Message } from './conversation.ts';
import { fieldNamed, parsedCell, withoutFields } from './fields.ts';
import { cellText, readColumns } from './read-columns.ts';
import { readMessages, type MessageList } from './read-messages.ts';
import { isOasstRow } from './oasst-row.ts';
import { readPreference } from './read-preference.ts';

const CONVERSATIONS = ['conversation', 'conversations', 'messages'] as const;
const PROMPTS = ['instruction', 'prompt', 'question', 'input'] as const;
const RESPONSES = ['response', 'output', 'answer', 'completion'] as const;
const TEXTS = ['text', 'content'] as const;

const LOOKED_FOR = [
  `a list of messages in ${CONVERSATIONS.join(', ')}`,
  'chosen and rejected',
  `${PROMPTS.join(', ')} with ${RESPONSES.join(', ')}`,
  TEXTS.join(', '),
  'message_id, parent_id and role of OASST rows',
].join('; ');

/** Whether records with these fields can be conversations, as far as names tell. */
export function looksLikeConversation(fields: readonly string[]): boolean {
  const has = (names: readonly string[]): boolean => fields.some((field) => names.includes(field.toLowerCase()));
  const isOasst = fields.includes('message_id') && fields.includes('parent_id');
  return has(CONVERSATIONS) || (has(['chosen']) && has(['rejected'])) || (has(PROMPTS) && has(RESPONSES)) || has(TEXTS) || isOasst;
}

/** What a conversation is looked for in, for messages. */
export const CONVERSATION_FIELDS: string = LOOKED_FOR;

/**
 * Recognises a record as a conversation, in this order: a pair `chosen` and `rejected`; a list of
 * messages in `conversation`, `conversations` or `messages`; a prompt and its response in columns;
 * one text. Lists may be JSON text, as CSV has them. A text alone becomes one message of the
 * assistant. Fields that are no part of the conversation become `metadata`.
 * @throws SyngraphError CONVERSATION_INVALID, which names the fields that were looked for, or the one that is wrong
 */
export function readConversation(record: JsonObject): Conversation {
  if (isOasstRow(record)) throw conversationFault({ message: 'this is one message of an OASST tree, not a conversation', nextStep: 'Gather the rows first: syngraph convert FILE --to trl-messages.' });
  const found = find(record);
  const id = fieldNamed(record, ['id', 'conversation_id']);
  const system = fieldNamed(record, ['system', 'system_prompt']);
  const isSystem = system !== null && typeof record[system] === 'string' && found.messages[0]?.role !== 'system';
  const shift = isSystem ? 1 : 0;
  const messages: Message[] = isSystem ? [{ role: 'system', content: record[system] as string }, ...found.messages] : found.messages;
  const rejected = found.rejected.map((branch) => ({ ...branch, at: branch.at + shift }));
  return {
    id: id === null ? null : idText(record[id]),
    messages,
    ...(rejected.length === 0 ? {} : { rejected }),
    metadata: withoutFields(record, [...found.used, id, ...(isSystem ? [system] : [])]),
  };
}

function idText(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function find(record: JsonObject): MessageList & { used: (string | null)[] } {
  const conversation = CONVERSATIONS.find((name) => Array.isArray(parsedCell(record[name]))) ?? null;
  const prompt = fieldNamed(record, PROMPTS);
  const [chosen, rejected] = [fieldNamed(record, ['chosen']), fieldNamed(record, ['rejected'])];
  if (chosen !== null && rejected !== null) {
    return { ...readPreference(record, { chosen, rejected, prompt, conversation }), used: [chosen, rejected, prompt, conversation] };
  }
  if (conversation !== null) return { ...readMessages(parsedCell(record[conversation]) as JsonValue[], conversation), used: [conversation] };
  const response = fieldNamed(record, RESPONSES);
  if (prompt !== null && response !== null) {
    const isAlpaca = prompt.toLowerCase() === 'instruction';
    const input = isAlpaca ? fieldNamed(record, ['input']) : null;
    const history = fieldNamed(record, ['history']);
    const messages = readColumns(record, { prompt, response, input, history });
    return { messages, rejected: [], used: [prompt, response, history, isAlpaca ? (input ?? 'input') : null] };
  }
  const text = fieldNamed(record, TEXTS);
  if (text !== null) return { messages: [{ role: 'assistant', content: cellText(record[text], text) }], rejected: [], used: [text] };
  throw unknown(record, { prompt, response });
}

function unknown(record: JsonObject, { prompt, response }: { prompt: string | null; response: string | null }): Error {
  const fields = Object.keys(record);
  const has = fields.length === 0 ? 'it has no fields' : `its fields are ${fields.slice(0, 20).join(', ')}${fields.length > 20 ? ' …' : ''}`;
  const half = prompt !== null ? `"${prompt}" has no answer beside it, and ` : response !== null ? `"${response}" has no prompt beside it, and ` : '';
  return conversationFault({
    message: `no conversation was found in this record: ${half}${has}; looked for ${LOOKED_FOR}`,
    nextStep: 'Rename the columns, e.g. with output_map or the transformation rename_fields.',
  });
}
