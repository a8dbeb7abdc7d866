import type { QualityRuleSettings } from '../../pipeline/quality-rules.ts';
import type { QualityRule } from '../rule.ts';

/** What endpoints call an answer that ran into its limit. */
const CUT_OFF = new Set(['length', 'max_tokens', 'max_output_tokens', 'model_length', 'incomplete']);
const FEWEST_WORDS = 20;
const ENDS_IN_A_SENTENCE = /[\p{L}\p{N},;(–-]$/u;

/**
 * Beyond the paper: rejects conversations without messages, with an empty turn, or with an answer
 * that was cut off, which `finish_reason` or a code block without end tell. An answer in prose that
 * ends within a sentence is only tagged.
 */
export const completeness: QualityRule<QualityRuleSettings['completeness']> = (view, { reject }) => {
  const { turns } = view;
  const empty = turns.filter(({ text, hasMore }) => text.trim() === '' && !hasMore).length;
  const cut = turns.some(({ role, finishReason }) => role === 'assistant' && finishReason !== null && CUT_OFF.has(finishReason.toLowerCase()));
  const last = turns.at(-1);
  const lastText = last?.role === 'assistant' ? last.text.trimEnd() : '';
  const endsInSentence = ENDS_IN_A_SENTENCE.test(lastText.slice(-2)) && lastText.split(/\s+/, FEWEST_WORDS).length === FEWEST_WORDS;
  const truncated = cut || view.markUp.openCodeBlock;
  return { tags: { completeness: { empty_turns: empty, truncated, ends_in_sentence: endsInSentence } }, reject: reject ? reason() : null };

  function reason(): string | null {
    if (turns.length === 0) return 'it has no turns';
    if (empty > 0) return `${empty === 1 ? 'one turn is' : `${empty} turns are`} empty`;
    if (cut) return 'an answer was cut off by its limit of tokens';
    return truncated ? 'a code block has no end' : null;
  }
};
