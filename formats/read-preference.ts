import { isDeepStrictEqual } from 'node:util';
import type { JsonObject, JsonValue } from '../pipeline/json.ts';
import { conversationFault, kindOf } from './conversation-fault.ts';
import type { Message } from './conversation.ts';
import { isPresent } from './fields.ts';
import { messageList, readMessages, type MessageList } from './read-messages.ts';

export interface PreferenceFields {
  chosen: string;
  rejected: string;
  /** Field of the prompt; null: it stands in the two answers themselves. */
  prompt: string | null;
  /** Field of a list of messages that leads to the answers. */
  conversation: string | null;
}

/**
 * A pair of answers: TRL's two layouts (a prompt beside the answers, or at the beginning of both),
 * as texts or as lists of messages, and the transcripts of Anthropic's HH.
 */
export function readPreference(record: JsonObject, fields: PreferenceFields): MessageList {
  const chosen = answerOf(record[fields.chosen], fields.chosen);
  const rejected = answerOf(record[fields.rejected], fields.rejected);
  const listed = fields.prompt === null ? null : messageList(record[fields.prompt]);
  if (listed !== null) return pair(readMessages(listed, fields.prompt!).messages, chosen, rejected);
  const shared = sharedBeginning(chosen, rejected);
  if (shared > 0) return pair(chosen.slice(0, shared), chosen.slice(shared), rejected.slice(shared));
  const prompt = fields.prompt === null ? undefined : record[fields.prompt];
  if (typeof prompt === 'string') return pair([{ role: 'user', content: prompt }], chosen, rejected);
  const before = fields.conversation === null ? null : messageList(record[fields.conversation]);
  if (before !== null) return pair(withoutAnswer(readMessages(before, fields.conversation!).messages, chosen), chosen, rejected);
  throw conversationFault({
    field: `${fields.chosen} and ${fields.rejected}`,
    message: 'have no prompt: they begin with no message in common, and there is no field prompt, instruction, question, input, conversation or messages',
  });
}

function pair(prompt: Message[], chosen: Message[], rejected: Message[]): MessageList {
  return { messages: [...prompt, ...chosen], rejected: [{ at: prompt.length, length: chosen.length, messages: rejected }] };
}

function answerOf(value: JsonValue | undefined, field: string): Message[] {
  const list = messageList(value);
  if (list !== null) return readMessages(list, field).messages;
  if (typeof value !== 'string') throw conversationFault({ field, message: `is ${kindOf(value)}; a text or a list of messages was expected` });
  return transcript(value) ?? [{ role: 'assistant', content: value }];
}

/** `\n\nHuman: … \n\nAssistant: …`; null where it is a plain answer. */
function transcript(text: string): Message[] | null {
  if (!/^\s*Human:/.test(text)) return null;
  const pieces = `\n\n${text.trimStart()}`.split(/\n\n(Human|Assistant):/);
  const messages: Message[] = [];
  for (let index = 1; index < pieces.length; index += 2) {
    messages.push({ role: pieces[index] === 'Human' ? 'user' : 'assistant', content: pieces[index + 1]!.trim() });
  }
  return messages;
}

/** Messages that both begin with; at least one is left of each. */
function sharedBeginning(chosen: readonly Message[], rejected: readonly Message[]): number {
  const most = Math.min(chosen.length, rejected.length) - 1;
  let shared = 0;
  while (shared < most && isDeepStrictEqual(chosen[shared], rejected[shared])) shared += 1;
  return shared;
}

/** A conversation that ends with the chosen answer leads to it all the same. */
function withoutAnswer(messages: Message[], [answer]: Message[]): Message[] {
  const last = messages.at(-1);
  return last?.role === 'assistant' && isPresent(last.content) && isDeepStrictEqual(last.content, answer?.content) ? messages.slice(0, -1) : messages;
}
