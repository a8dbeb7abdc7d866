import { SyngraphError } from '../pipeline/errors.ts';

export interface ConversationFault {
  /** Path of the field, e.g. `messages[2].role`. Absent: the record as a whole. */
  field?: string;
  message: string;
  nextStep?: string;
}

/** Why one record is no conversation, or cannot be written in a format: CONVERSATION_INVALID. */
export function conversationFault({ field, message, nextStep }: ConversationFault): SyngraphError {
  return new SyngraphError({
    code: 'CONVERSATION_INVALID',
    message: field === undefined ? message : `${field} ${message}`,
    ...(nextStep === undefined ? {} : { nextStep }),
    details: { field: field ?? null },
  });
}

/** What a value is, for messages; never its content. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a mapping';
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`;
}
