import { z } from 'zod';

const anyMapping = z.record(z.string(), z.unknown());
const texts = z.array(z.string());

/** A row as SyGra's data mapper writes it; times are null where nobody knows them. */
export const oasstRowSchema = z
  .object({
    conversation_id: z.string().min(1),
    message_id: z.string().min(1),
    parent_id: z.string().min(1).nullable(),
    root_message_id: z.string().min(1),
    message_level: z.int().min(1),
    role: z.enum(['system', 'user', 'assistant', 'tool']),
    content: z.string(),
    languages: texts,
    categories: texts,
    subcategories: texts,
    generated_by: z.string(),
    quality: anyMapping,
    safety: anyMapping,
    length: z.object({ char_count: z.int().min(0), word_count: z.int().min(0) }),
    instruction_tags: texts,
    data_characteristics: anyMapping,
    tags: texts,
    metainfo: z.object({ source_id: z.string().nullable(), source_metadata: anyMapping }),
    created_at: z.string().nullable(),
    updated_at: z.string().nullable(),
    active: z.boolean(),
  })
  .superRefine((row, context) => {
    if ((row.message_level === 1) === (row.parent_id === null)) return;
    context.addIssue({ code: 'custom', path: ['parent_id'], message: row.parent_id === null ? 'is empty, though the message is not the first' : 'is set, though the message is the first' });
  });
