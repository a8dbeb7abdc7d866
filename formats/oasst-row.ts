import { isJsonObject, type JsonObject, type JsonValue } from '../pipeline/json.ts';
import { conversationFault, kindOf } from './conversation-fault.ts';
import { isPresent, parsedCell } from './fields.ts';

/** How Syngraph marks the two sides of a preference, in `metainfo.source_metadata`. */
export type Preference = 'chosen' | 'rejected';

/** A row of a message: OpenAssistant's own (`message_tree_id`, `text`), SyGra's or ours (`conversation_id`, `content`). */
export function isOasstRow(record: JsonObject): boolean {
  const hasRole = isPresent(record.role);
  return typeof record.message_id === 'string' && Object.hasOwn(record, 'parent_id') && hasRole && ('content' in record || 'text' in record);
}

export function oasstConversation(row: JsonObject): string | null {
  const id = [row.message_tree_id, row.conversation_id].find((value) => typeof value === 'string' || typeof value === 'number');
  return id === undefined ? null : String(id);
}

export function oasstParent(row: JsonObject): string | null {
  if (!isPresent(row.parent_id)) return null;
  if (typeof row.parent_id === 'string') return row.parent_id;
  throw conversationFault({ field: 'parent_id', message: `is ${kindOf(row.parent_id)}; the message_id of a row or nothing was expected` });
}

/** Numbers are texts in CSV. */
export function oasstNumber(value: JsonValue | undefined): number | null {
  if (!isPresent(value)) return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

export function oasstPreference(row: JsonObject): Preference | null {
  const metainfo = parsedCell(row.metainfo);
  const source = isJsonObject(metainfo) ? metainfo.source_metadata : null;
  const mark = isJsonObject(source) ? source.preference : null;
  return mark === 'chosen' || mark === 'rejected' ? mark : null;
}
