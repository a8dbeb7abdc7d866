import type { z } from 'zod';
import type { JsonObject } from '../../pipeline/json.ts';
import type { Conversation } from '../conversation.ts';

export interface WriteOptions {
  /** ISO 8601; the time of rows whose record has none. Default null. */
  createdAt?: string | null;
}

/** A layout that trainers read. */
export interface TrainingFormat {
  /** Who reads it, for help texts. */
  title: string;
  /** The rows of one conversation. @throws SyngraphError CONVERSATION_INVALID for what the format cannot hold */
  write(conversation: Conversation, options: WriteOptions): JsonObject[];
  /** What every row must be. */
  schema: z.ZodType;
}
