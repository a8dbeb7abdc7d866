import { isJsonObject, type JsonObject } from '../pipeline/json.ts';
import type { Conversation, Message, RejectedBranch } from './conversation.ts';
import { parsedCell, withoutFields } from './fields.ts';
import { oasstConversation } from './oasst-row.ts';
import { oasstTree, type OasstMessage } from './oasst-tree.ts';

/** Fields that a conversation is made of, or that are about one message or tree alone. */
const STRUCTURE = [
  'conversation_id', 'message_id', 'parent_id', 'root_message_id', 'message_tree_id', 'message_level', 'role', 'content', 'text', 'rank',
  'quality', 'safety', 'length', 'instruction_tags', 'data_characteristics', 'metainfo', 'updated_at', 'active',
];

interface Way {
  node: OasstMessage;
  messages: Message[];
  rejected: RejectedBranch[];
}

/**
 * The conversations of one tree of OASST rows. Of an assistant's answers to the same message, the
 * chosen (or the best ranked) goes on and the others are its rejected ones; every other fork makes
 * conversations of their own, as do answers that nobody has ranked.
 * @param rows all rows of one tree
 * @throws SyngraphError CONVERSATION_INVALID
 */
export function readOasst(rows: readonly JsonObject[]): Conversation[] {
  const root = oasstTree(rows);
  const shared = { id: sourceId(root.row), metadata: metadataOf(root.row) };
  const conversations: Conversation[] = [];
  const open: Way[] = [{ node: root, messages: [root.message], rejected: [] }];
  for (let way = open.pop(); way !== undefined; way = open.pop()) {
    const { node, messages, rejected } = way;
    if (node.replies.length === 0) {
      conversations.push({ ...shared, messages, ...(rejected.length === 0 ? {} : { rejected }) });
      continue;
    }
    const ranked = rankedReplies(node.replies);
    if (ranked === null) {
      for (const reply of node.replies.toReversed()) open.push({ node: reply, messages: [...messages, reply.message], rejected });
      continue;
    }
    const [chosen, ...others] = ranked;
    const at = messages.length;
    const branches = others.map((other): RejectedBranch => ({ at, length: chosenLength(chosen!), messages: rejectedMessages(other) }));
    open.push({ node: chosen!, messages: [...messages, chosen!.message], rejected: [...rejected, ...branches] });
  }
  return conversations;
}

/** Answers of an assistant from best to worst; null where there is nothing to rank them by. */
function rankedReplies(replies: readonly OasstMessage[]): OasstMessage[] | null {
  if (replies.length < 2 || replies.some(({ message }) => message.role !== 'assistant')) return null;
  if (replies.some(({ preference }) => preference === 'rejected')) {
    return replies.toSorted((left, right) => Number(left.preference === 'rejected') - Number(right.preference === 'rejected'));
  }
  if (replies.every(({ rank }) => rank !== null)) return replies.toSorted((left, right) => left.rank! - right.rank!);
  // SyGra's rows for DPO: the chosen answer stands first.
  return replies.every(({ level }) => level !== null) ? [...replies] : null;
}

/** Messages of the chosen side: those that follow it with the same mark and without a rejected one of their own. */
function chosenLength(chosen: OasstMessage): number {
  let length = 1;
  let node = chosen;
  while (chosen.preference === 'chosen' && node.replies.length === 1 && node.replies[0]!.preference === 'chosen') {
    node = node.replies[0]!;
    length += 1;
  }
  return length;
}

function rejectedMessages(first: OasstMessage): Message[] {
  const messages = [first.message];
  let next = first.replies[0];
  while (first.preference === 'rejected' && next?.preference === 'rejected') {
    messages.push(next.message);
    next = next.replies[0];
  }
  return messages;
}

function sourceId(row: JsonObject): string | null {
  const metainfo = parsedCell(row.metainfo);
  return isJsonObject(metainfo) && typeof metainfo.source_id === 'string' ? metainfo.source_id : null;
}

function metadataOf(row: JsonObject): JsonObject {
  const metainfo = parsedCell(row.metainfo);
  const source = isJsonObject(metainfo) && isJsonObject(metainfo.source_metadata) ? metainfo.source_metadata : {};
  const metadata = withoutFields(row, STRUCTURE);
  return { ...metadata, ...withoutFields(source, ['preference']), conversation_id: oasstConversation(row) };
}
