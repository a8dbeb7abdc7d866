import { tellCategory, type ToldCategory } from './category/tell-category.ts';
import type { ConversationView } from './conversation-view.ts';

/** The category of a conversation's last answer, as the recipe that judges it has it. */
export function categoryOf({ messages }: ConversationView): ToldCategory {
  const last = messages.findLastIndex(({ role, text }) => role === 'assistant' && text.trim() !== '');
  const end = last === -1 ? messages.length : last;
  const asked = messages.slice(0, end).findLastIndex(({ role }) => role === 'user');
  const texts = messages.map(({ text }) => text);
  return tellCategory({ earlier: texts.slice(0, Math.max(asked, 0)).join('\n'), request: texts[asked] ?? '', answer: texts[last] ?? '' });
}
