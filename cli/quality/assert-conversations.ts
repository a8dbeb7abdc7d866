import { sourceName } from '../../activities/data/source-name.ts';
import { readStateConversation } from '../../activities/quality/read-state-conversation.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { Plan } from '../../pipeline/plan.ts';
import type { CommandContext } from '../context.ts';
import { openRows } from '../options/open-rows.ts';

/** Among so many records one is expected that has the layout of its dataset. */
const RECORDS_TRIED = 20;

/**
 * A dataset in an unknown layout would fail record by record, to its end.
 * @param options.messages state key of the conversation; null: it is looked for
 * @throws SyngraphError SOURCE_INVALID where none of the first records is recognised, with the fields of the first
 */
export async function assertConversations({ source }: Plan, { environment, messages }: Pick<CommandContext, 'environment'> & { messages: string | null }): Promise<void> {
  if (source === null || source.type === 'joined') return;
  let first: SyngraphError | null = null;
  let tried = 0;
  for await (const record of openRows(source, environment)) {
    if (!record.ok) continue;
    try {
      readStateConversation(record.row, messages);
      return;
    } catch (error) {
      if (!(error instanceof SyngraphError) || error.code !== 'CONVERSATION_INVALID') throw error;
      first ??= error;
    }
    tried += 1;
    if (tried === RECORDS_TRIED) break;
  }
  if (first === null) return;
  const which = tried === 1 ? 'the only record is no conversation' : `none of the first ${tried} records is a conversation; of the first one`;
  throw new SyngraphError({
    code: 'SOURCE_INVALID',
    message: `${sourceName(source)}: ${which}: ${first.message}`,
    nextStep: 'Rename its columns to those that are looked for, or name the one with the list of messages or the text: --messages COLUMN.',
  });
}
