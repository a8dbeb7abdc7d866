import { isJsonObject, type JsonObject, type JsonValue } from '../../pipeline/json.ts';
import { conversationId, shortHash } from '../conversation-id.ts';
import { conversationFault } from '../conversation-fault.ts';
import type { Conversation, Message } from '../conversation.ts';
import { parsedCell, textsOf } from '../fields.ts';
import type { Preference } from '../oasst-row.ts';
import { messageText } from './message-text.ts';
import { commonFields, preferenceQuality } from './oasst-common.ts';
import { oasstRowSchema } from './oasst-schema.ts';
import type { TrainingFormat, WriteOptions } from './training-format.ts';

export const oasstSft: TrainingFormat = {
  title: 'OASST rows for supervised fine-tuning, as SyGra’s data mapper has them: one row a message',
  schema: oasstRowSchema,
  write: (conversation, options) => writeRows({ ...conversation, rejected: [] }, options),
};

export const oasstDpo: TrainingFormat = {
  title: 'OASST rows for preference training: a chosen and a rejected row where answers were compared',
  schema: oasstRowSchema,
  write(conversation, options) {
    if ((conversation.rejected ?? []).length > 0) return writeRows(conversation, options);
    throw conversationFault({ field: 'rejected', message: 'is missing: the conversation has no answer that was rejected', nextStep: 'Write oasst-sft, or add chosen and rejected.' });
  },
};

/**
 * Ids are hashes of the conversation, the place and the words, so that the same record always gives
 * the same rows. A message hangs from the one before it in the conversation, rejected ones from the
 * message that they answer: unlike in SyGra, every parent is a row.
 */
function writeRows(conversation: Conversation, { createdAt = null }: WriteOptions): JsonObject[] {
  const { messages, rejected = [], metadata } = conversation;
  const writer = new RowWriter(conversation, createdAt);
  const rows: JsonObject[] = [];
  const ids: string[] = [];
  messages.forEach((message, at) => {
    const isChosen = rejected.some((branch) => at >= branch.at && at < branch.at + branch.length);
    const field = `messages[${at}]`;
    const row = writer.row({ message, field, level: at + 1, parent: ids[at - 1] ?? null, preference: isChosen ? 'chosen' : null, key: [at] });
    ids.push(row.message_id as string);
    rows.push(row);
    for (const [number, branch] of rejected.entries()) {
      if (branch.at !== at) continue;
      let parent = ids[at - 1] ?? null;
      branch.messages.forEach((other, index) => {
        const below = writer.row({ message: other, field: `rejected[${number}].messages[${index}]`, level: at + 1 + index, parent, preference: 'rejected', key: [at, number, index] });
        parent = below.message_id as string;
        rows.push(below);
      });
    }
  });
  if (metadata.active === false) for (const row of rows) row.active = false;
  return rows;
}

interface RowParts {
  message: Message;
  field: string;
  level: number;
  parent: string | null;
  preference: Preference | null;
  /** Where in the conversation it stands. */
  key: number[];
}

class RowWriter {
  readonly #id: string;
  readonly #common: JsonObject;
  readonly #metadata: JsonObject;
  readonly #sourceId: string | null;
  readonly #createdAt: string | null;
  #root: string | null = null;

  constructor(conversation: Conversation, createdAt: string | null) {
    const { id, metadata } = conversation;
    this.#id = conversationId(conversation);
    this.#common = commonFields(metadata);
    this.#metadata = metadata;
    this.#sourceId = id;
    this.#createdAt = typeof metadata.created_at === 'string' && metadata.created_at !== '' ? metadata.created_at : createdAt;
  }

  row({ message, field, level, parent, preference, key }: RowParts): JsonObject {
    if (message.toolCalls !== undefined) throw conversationFault({ field: `${field}.tool_calls`, message: 'cannot be held by OASST rows, which are text', nextStep: 'Write openai, trl-messages or sharegpt.' });
    const content = messageText(message, `${field}.content`);
    const messageId = `msg_${level}_${shortHash([this.#id, key, message.role, content])}`;
    this.#root ??= messageId;
    const { languages, categories, subcategories, generated_by, tags } = this.#common as Record<string, JsonValue>;
    const extra = message.extra ?? {};
    const preferred = preference === null ? {} : preferenceQuality(this.#metadata, preference);
    return {
      conversation_id: this.#id,
      message_id: messageId,
      parent_id: parent,
      root_message_id: this.#root,
      message_level: level,
      role: message.role,
      content,
      languages: languages!,
      categories: categories!,
      subcategories: subcategories!,
      generated_by: generated_by!,
      quality: orUnset({ ...mappingOf(extra.quality), ...preferred }),
      safety: orUnset(mappingOf(extra.safety)),
      length: { char_count: characters(content), word_count: content.match(/\S+/gu)?.length ?? 0 },
      instruction_tags: textsOf(extra.instruction_tags ?? this.#metadata.instruction_tags),
      data_characteristics: orUnset(mappingOf(extra.data_characteristics)),
      tags: tags!,
      metainfo: {
        source_id: this.#sourceId,
        source_metadata: { annotation_type: textsOf(this.#metadata.annotation_type), ...(preference === null ? {} : { preference }) },
      },
      created_at: this.#createdAt,
      updated_at: this.#createdAt,
      active: true,
    };
  }
}

function mappingOf(value: JsonValue | undefined): JsonObject {
  const cell = parsedCell(value);
  return isJsonObject(cell) ? cell : {};
}

/** SyGra marks what nobody has filled in. */
function orUnset(mapping: JsonObject): JsonObject {
  return Object.keys(mapping).length === 0 ? { __default__: true } : mapping;
}

/** Code points, as Python counts. */
function characters(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index += text.codePointAt(index)! > 0xffff ? 2 : 1) count += 1;
  return count;
}
