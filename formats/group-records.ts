import type { JsonObject } from '../pipeline/json.ts';
import { conversationFault } from './conversation-fault.ts';
import type { Conversation } from './conversation.ts';
import { isOasstRow, oasstConversation } from './oasst-row.ts';
import { readConversation } from './read-conversation.ts';
import { readOasst } from './read-oasst.ts';

/** A row of a dataset, or why it could not be read. */
export type FormatRow = { ok: true; row: JsonObject } | { ok: false; message: string; location: string };

/** Rows that are one record: the rows of an OASST tree, or one row of any other layout. */
export type RecordOfRows = { ok: true; /** Of the first row, from 1. */ number: number; rows: JsonObject[] } | { ok: false; number: number; message: string; location: string };

/** Rows of one tree at most: OpenAssistant's largest has some hundred. */
const MOST_ROWS = 5_000;

/**
 * Gathers the rows of each OASST tree, which must stand together; a row without parent begins a
 * tree. Other rows pass one by one, so memory does not grow with the dataset.
 */
export async function* groupRecords(rows: AsyncIterable<FormatRow>): AsyncGenerator<RecordOfRows> {
  let tree: JsonObject[] = [];
  let number = 0;
  const taken = (): RecordOfRows[] => {
    const group = tree;
    tree = [];
    return group.length === 0 ? [] : [{ ok: true, number: number - group.length, rows: group }];
  };
  for await (const row of rows) {
    number += 1;
    if (!row.ok) {
      yield* taken();
      yield { ...row, number };
    } else if (!isOasstRow(row.row)) {
      yield* taken();
      yield { ok: true, number, rows: [row.row] };
    } else {
      if (tree.length === MOST_ROWS || (tree.length > 0 && beginsTree(row.row, tree[0]!))) yield* taken();
      tree.push(row.row);
    }
  }
  number += 1;
  yield* taken();
}

function beginsTree(row: JsonObject, first: JsonObject): boolean {
  return oasstConversation(row) !== oasstConversation(first) || row.parent_id === null || row.parent_id === '';
}

/**
 * The conversations of one record.
 * @throws SyngraphError CONVERSATION_INVALID
 */
export function readRecord(rows: readonly JsonObject[]): Conversation[] {
  const [first] = rows;
  if (first === undefined) throw conversationFault({ message: 'a record without rows is no conversation' });
  return isOasstRow(first) ? readOasst(rows) : [readConversation(first)];
}
