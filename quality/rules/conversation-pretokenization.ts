import type { QualityRuleSettings } from '../../pipeline/quality-rules.ts';
import type { QualityRule, RuleOutcome } from '../rule.ts';

/**
 * Section 4.1, check 1: the tokens that a model would be trained on. `target_tokens` are those of
 * the last message, `input_tokens` of all before it. By the tokenizer of a model that is named, what its chat template
 * puts around and between messages is counted as well, and conversations that the template refuses are rejected; by
 * OpenAI's encodings the messages alone. Rejects what is longer than `maxTokens`, if that is set.
 */
export const conversationPretokenization: QualityRule<QualityRuleSettings['conversation_pretokenization']> = (view, { encoding, tokenizer, maxTokens }, { countTokens, countChat }) => {
  const counter = tokenizer == null ? { encoding } : { tokenizer };
  const chat = countChat?.(view.messages);
  if (chat !== undefined && 'problem' in chat) return { tags: { tokens: { ...counter, input_tokens: null, target_tokens: null } }, reject: `its messages do not fit the chat template: ${chat.problem}` };
  if (chat !== undefined) return outcome(chat.input, chat.target);
  const counts = view.messages.map(({ text }) => countTokens(text));
  const target = counts.at(-1) ?? 0;
  return outcome(counts.reduce((sum, tokens) => sum + tokens, 0) - target, target);

  function outcome(input: number, output: number): RuleOutcome {
    const total = input + output;
    return {
      tags: { tokens: { ...counter, input_tokens: input, target_tokens: output } },
      reject: maxTokens !== null && total > maxTokens ? `${total} tokens; ${maxTokens} are allowed` : null,
    };
  }
};
