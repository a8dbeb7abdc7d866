import type { ConversationView } from './conversation-view.ts';
import type { IdentifiedLanguage } from './rule.ts';

/** Fewer letters than ten say nothing about a language. */
const TEN_LETTERS = /(?:\p{L}\P{L}*){10}/u;
/** More text than this changes no verdict, and costs time. */
const MOST_CHARACTERS = 20_000;

/**
 * The language of all turns together, code and addresses left out. Where too few letters are left it is `code` or `und`,
 * without a confidence.
 */
export function detectLanguage(view: ConversationView, identify: (text: string) => IdentifiedLanguage | null): { language: string; confidence: number | null; hasCode: boolean } {
  const { prose, codeBlocks, inlineCode } = view.markUp;
  const hasCode = codeBlocks + inlineCode > 0;
  const text = prose.slice(0, MOST_CHARACTERS);
  const found = TEN_LETTERS.test(text) ? identify(text) : null;
  return { ...(found ?? { language: hasCode ? 'code' : 'und', confidence: null }), hasCode };
}
