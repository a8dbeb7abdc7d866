import type { JsonObject } from '../pipeline/json.ts';
import { conversationFault } from './conversation-fault.ts';
import type { Message } from './conversation.ts';
import { isPresent } from './fields.ts';
import { oasstNumber, oasstParent, oasstPreference, type Preference } from './oasst-row.ts';
import { readContent, roleNamed } from './read-messages.ts';

export interface OasstMessage {
  row: JsonObject;
  message: Message;
  level: number | null;
  rank: number | null;
  preference: Preference | null;
  /** In the order of the rows. */
  replies: OasstMessage[];
}

/** Fields of a row that are about its message alone. */
const OWN_FIELDS = ['quality', 'safety', 'instruction_tags', 'data_characteristics'];

/**
 * The tree that the rows of one conversation form.
 * @throws SyngraphError CONVERSATION_INVALID where a row's parent is missing, or rows form a circle
 */
export function oasstTree(rows: readonly JsonObject[]): OasstMessage {
  const byId = new Map<string, OasstMessage>();
  const read = rows.map((row) => {
    const node = readRow(row);
    byId.set(row.message_id as string, node);
    return node;
  });
  const roots = read.filter(({ row }) => oasstParent(row) === null);
  if (roots.length !== 1) {
    throw conversationFault({ field: 'parent_id', message: `is empty in ${roots.length} of the conversation's ${rows.length} rows; exactly one begins a conversation, and its rows must stand together` });
  }
  for (const node of read) {
    if (node !== roots[0]) parentOf(node, { byId, read }).replies.push(node);
  }
  const reached = countOf(roots[0]!);
  if (reached !== read.length) throw conversationFault({ field: 'parent_id', message: `leads in a circle, or a message_id is there twice: ${read.length - reached} of ${read.length} rows belong to no root` });
  return roots[0]!;
}

function readRow(row: JsonObject): OasstMessage {
  const contentField = isPresent(row.content) || !('text' in row) ? 'content' : 'text';
  const extra = Object.fromEntries(Object.entries(row).filter(([key, value]) => OWN_FIELDS.includes(key) && !isUnset(value)));
  return {
    row,
    message: {
      role: roleNamed(row.role, 'role'),
      content: readContent(row[contentField] ?? '', contentField),
      ...(Object.keys(extra).length > 0 ? { extra } : {}),
    },
    level: oasstNumber(row.message_level),
    rank: oasstNumber(row.rank),
    preference: oasstPreference(row),
    replies: [],
  };
}

/** SyGra fills what it does not know with a mark. */
function isUnset(value: unknown): boolean {
  return value === null || value === '' || (typeof value === 'object' && (Object.keys(value).length === 0 || '__default__' in value));
}

/** The rows that SyGra writes for DPO name parents that are no rows: its levels tell what was meant. */
function parentOf(node: OasstMessage, { byId, read }: { byId: Map<string, OasstMessage>; read: readonly OasstMessage[] }): OasstMessage {
  const id = oasstParent(node.row)!;
  const { level } = node;
  const parent = byId.get(id) ?? (level === null ? undefined : read.find((other) => other.level === level - 1));
  if (parent !== undefined) return parent;
  throw conversationFault({ field: 'parent_id', message: `names ${id.slice(0, 80)}, which is no row of the same conversation` });
}

function countOf(root: OasstMessage): number {
  const open = [root];
  let count = 0;
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    count += 1;
    open.push(...node.replies);
  }
  return count;
}
