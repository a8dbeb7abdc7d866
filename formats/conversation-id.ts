import { createHash } from 'node:crypto';
import type { Conversation } from './conversation.ts';

/** 64 bits: two of a million conversations share one once in 10^7 datasets. */
const DIGITS = 16;

export function shortHash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, DIGITS);
}

/**
 * `conv_` and a hash of the record's own id and what is said, so that mapping the same record again
 * gives the same id, and answers to the same record that differ get different ones.
 */
export function conversationId({ id, messages, rejected = [] }: Conversation): string {
  return `conv_${shortHash([id, messages, rejected])}`;
}
