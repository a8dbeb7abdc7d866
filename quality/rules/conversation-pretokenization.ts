import type { QualityRuleSettings } from '../../pipeline/quality-rules.ts';
import type { QualityRule } from '../rule.ts';

/**
 * Section 4.1, check 1: the tokens that a model would be trained on. `target_tokens` are those of
 * the last message, `input_tokens` of all before it; what a chat template puts between messages is
 * not counted. Rejects what is longer than `maxTokens`, if that is set.
 */
export const conversationPretokenization: QualityRule<QualityRuleSettings['conversation_pretokenization']> = (view, { encoding, maxTokens }, { countTokens }) => {
  const counts = view.messages.map(({ text }) => countTokens(text));
  const target = counts.at(-1) ?? 0;
  const total = counts.reduce((sum, tokens) => sum + tokens, 0);
  return {
    tags: { tokens: { encoding, input_tokens: total - target, target_tokens: target } },
    reject: maxTokens !== null && total > maxTokens ? `${total} tokens; ${maxTokens} are allowed` : null,
  };
};
