import type { Conversation } from '../../../formats/conversation.ts';
import { groupRecords, readRecord, type RecordOfRows } from '../../../formats/group-records.ts';
import { isOasstRow } from '../../../formats/oasst-row.ts';
import { writeChatMessages } from '../../../formats/write/chat-message.ts';
import { SyngraphError } from '../../../pipeline/errors.ts';
import type { JsonObject } from '../../../pipeline/json.ts';
import { flattenBatches, type RecordBatches } from '../record-batches.ts';
import type { SourceRow } from '../record-source.ts';
import { rowFault } from '../row-fault.ts';
import type { TransformContext } from './transform-context.ts';

/**
 * Makes the conversations of each OASST tree of its rows, which must stand together: `conversation`,
 * the answers that were `rejected` in it, and the fields of its first row. Rows in any other layout
 * pass as they are. At most one tree is in memory, of 5,000 rows.
 */
export async function* gatherConversations(batches: RecordBatches, context: TransformContext): AsyncGenerator<SourceRow[]> {
  for await (const record of groupRecords(flattenBatches(batches, context.signal))) yield recordsOf(record, context);
}

function recordsOf(record: RecordOfRows, { onBadRecord, name }: TransformContext): SourceRow[] {
  if (!record.ok) return [{ ok: false, message: record.message, location: record.location }];
  const { rows, number } = record;
  if (!isOasstRow(rows[0]!)) return rows.map((row) => ({ ok: true, row }));
  try {
    return readRecord(rows).map((conversation) => ({ ok: true, row: rowOf(conversation) }));
  } catch (error) {
    if (!(error instanceof SyngraphError) || error.code !== 'CONVERSATION_INVALID') throw error;
    return [rowFault({ policy: onBadRecord, location: `${name} row ${number}`, message: error.message, cause: error })];
  }
}

function rowOf({ id, messages, rejected, metadata }: Conversation): JsonObject {
  const style = { argumentsAsText: false };
  return {
    ...metadata,
    ...(id === null ? {} : { id }),
    conversation: writeChatMessages(messages, style),
    ...(rejected === undefined ? {} : { rejected_answers: rejected.map((branch) => ({ at: branch.at, messages: writeChatMessages(branch.messages, style) })) }),
  };
}
