import type { JsonObject, JsonValue } from '../pipeline/json.ts';
import { conversationFault, kindOf } from './conversation-fault.ts';
import type { Message } from './conversation.ts';
import { isPresent, parsedCell } from './fields.ts';
import { messageList, readMessages } from './read-messages.ts';

export interface ColumnFields {
  prompt: string;
  response: string;
  /** Alpaca's second half of an instruction. */
  input: string | null;
  history: string | null;
}

/**
 * A question and its answer in columns. An instruction and its input become one message, with a line
 * break between; `history` is Alpaca's list of earlier [question, answer] pairs.
 */
export function readColumns(record: JsonObject, fields: ColumnFields): Message[] {
  const history = fields.history === null ? [] : readHistory(record[fields.history], fields.history);
  const listed = messageList(record[fields.prompt]);
  const prompt =
    listed === null
      ? [{ role: 'user' as const, content: [fields.prompt, fields.input].filter((name) => name !== null).map((name) => cellText(record[name], name)).join('\n') }]
      : readMessages(listed, fields.prompt).messages;
  const answers = messageList(record[fields.response]);
  const response =
    answers === null
      ? [{ role: 'assistant' as const, content: cellText(record[fields.response], fields.response) }]
      : readMessages(answers, fields.response).messages;
  return [...history, ...prompt, ...response];
}

/** A text; a number, as answers of sums often are, is taken as one. */
export function cellText(value: JsonValue | undefined, field: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw conversationFault({ field, message: `is ${kindOf(value)}; a text or a list of messages was expected` });
}

function readHistory(value: JsonValue | undefined, field: string): Message[] {
  const turns = parsedCell(value);
  if (!isPresent(turns)) return [];
  if (!Array.isArray(turns)) throw conversationFault({ field, message: `is ${kindOf(turns)}; a list of [question, answer] pairs was expected` });
  return turns.flatMap((turn, index): Message[] => {
    const at = `${field}[${index}]`;
    if (!Array.isArray(turn) || turn.length !== 2) throw conversationFault({ field: at, message: `is ${kindOf(turn)}; a pair [question, answer] was expected` });
    return [{ role: 'user', content: cellText(turn[0], `${at}[0]`) }, { role: 'assistant', content: cellText(turn[1], `${at}[1]`) }];
  });
}
