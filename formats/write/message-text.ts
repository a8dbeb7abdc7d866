import { conversationFault } from '../conversation-fault.ts';
import type { Message } from '../conversation.ts';

/**
 * The content as text, for formats that hold nothing else; parts are joined by line breaks.
 * @throws SyngraphError CONVERSATION_INVALID where a part is no text
 */
export function messageText({ content }: Message, field: string): string {
  if (typeof content === 'string') return content;
  return content
    .map((part, index) => {
      if (part.type === 'text' && typeof part.text === 'string') return part.text;
      throw conversationFault({ field: `${field}[${index}]`, message: `is a part of the type ${JSON.stringify(part.type)}; this format holds text alone` });
    })
    .join('\n');
}

/** Beginning and end of the turns: formats of pairs keep the system's words apart. */
export function splitSystem(messages: readonly Message[]): { system: Message | null; turns: readonly Message[] } {
  const [first] = messages;
  return first?.role === 'system' ? { system: first, turns: messages.slice(1) } : { system: null, turns: messages };
}
