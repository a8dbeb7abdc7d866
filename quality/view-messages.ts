import type { Conversation, Message } from '../formats/conversation.ts';
import type { JsonObject } from '../pipeline/json.ts';
import type { ViewedMessage } from './conversation-view.ts';

/** What the rules see of a conversation: the text of its messages. A record's own `finish_reason` is that of its last message. */
export function viewMessages({ messages, metadata }: Conversation): ViewedMessage[] {
  return messages.map((message, index) => ({
    role: message.role,
    text: textOf(message.content),
    hasMore: (message.toolCalls?.length ?? 0) > 0 || (Array.isArray(message.content) && message.content.some(({ type }) => type !== 'text')),
    finishReason: finishReason(message.extra) ?? (index === messages.length - 1 ? finishReason(metadata) : null),
  }));
}

function textOf(content: Message['content']): string {
  if (typeof content === 'string') return content;
  return content.flatMap(({ text }) => (typeof text === 'string' ? [text] : [])).join('\n');
}

function finishReason(fields: JsonObject | undefined): string | null {
  const reason = fields?.finish_reason ?? fields?.stop_reason;
  return typeof reason === 'string' ? reason : null;
}
