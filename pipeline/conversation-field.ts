const CONVERSATION = '@conversation';

/**
 * A set node's `field` may stand for the conversation of a record instead of a key: `@conversation` wherever training files
 * have it, `@conversation.key` that under a key of the state. null: it is a key.
 */
export function conversationField(field: string): { key: string | null } | null {
  if (field === CONVERSATION) return { key: null };
  return field.startsWith(`${CONVERSATION}.`) ? { key: field.slice(CONVERSATION.length + 1) } : null;
}
