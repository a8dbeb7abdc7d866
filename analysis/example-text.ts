import type { Content } from '../formats/conversation.ts';
import { readConversation } from '../formats/read-conversation.ts';
import type { JsonObject } from '../pipeline/json.ts';

/** Characters of each part that are shown. */
const SHOWN = 280;

export interface SpokenTurn {
  /** `record` where the record is no conversation. */
  role: string;
  text: string;
}

/** A record for a glance: its last request and answer, clipped; where it is no conversation, its fields but `without`. */
export function exampleTurns(row: JsonObject, without: string): SpokenTurn[] {
  const said = conversationOf(row);
  if (said === null) return [{ role: 'record', text: clip(JSON.stringify(Object.fromEntries(Object.entries(row).filter(([key]) => key !== without))), 2 * SHOWN) }];
  const before = said.slice(0, -1).findLast(({ role }) => role === 'user');
  return [before, said.at(-1)].filter((turn) => turn !== undefined).map(({ role, text }) => ({ role, text: clip(text, SHOWN) }));
}

/** All that a record says, for embeddings. null: it is no conversation. */
export function spokenText(row: JsonObject, most: number): string | null {
  const said = conversationOf(row)?.filter(({ role }) => role !== 'system') ?? [];
  const text = said.map((turn) => turn.text).join('\n').slice(0, most).trim();
  return text === '' ? null : text;
}

function conversationOf(row: JsonObject): SpokenTurn[] | null {
  try {
    return readConversation(row).messages.map(({ role, content }) => ({ role, text: textOf(content) }));
  } catch {
    // Any fault of the conversation: the record was tagged by a key that only its pipeline knows.
    return null;
  }
}

function textOf(content: Content): string {
  return typeof content === 'string' ? content : content.map((part) => (typeof part.text === 'string' ? part.text : `(${typeof part.type === 'string' ? part.type : 'something else'})`)).join(' ');
}

/** The beginning and the end: a loop or a cut shows at the end. */
function clip(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = Math.floor(most / 4);
  return `${text.slice(0, most - end)} … ${text.slice(-end)}`;
}
