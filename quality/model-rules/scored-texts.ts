import { ConversationView, type ViewedMessage } from '../conversation-view.ts';

/** What is scored as one text: all turns, a line break between. */
export function conversationText(messages: readonly ViewedMessage[]): string {
  return new ConversationView(messages).text;
}

/** The last answer, and all before it; null where no answer has text, or nothing stands before it. */
export function answerParts(messages: readonly ViewedMessage[]): { prompt: string; answer: string } | null {
  const last = messages.findLastIndex(({ role, text }) => role === 'assistant' && text.trim() !== '');
  const prompt = messages.slice(0, Math.max(0, last)).map(({ text }) => text).filter((text) => text.trim() !== '').join('\n\n');
  return last < 0 || prompt === '' ? null : { prompt: `${prompt}\n\n`, answer: messages[last]?.text ?? '' };
}
