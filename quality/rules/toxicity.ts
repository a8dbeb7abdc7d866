import type { QualityRuleSettings } from '../../pipeline/quality-rules.ts';
import type { QualityRule } from '../rule.ts';

/**
 * Beyond the paper: how likely the worst message is to be toxic, by a linear model of single words (see `toxicityScorer`). It
 * was trained on English comments and sees neither who is spoken of nor irony, so that texts about violence or sex score high, too:
 * nothing is rejected unless `max` says from where on; 0.9 takes out abuse and leaves most of the rest.
 */
export const toxicity: QualityRule<QualityRuleSettings['toxicity']> = (view, { max }, { scoreToxicity }) => {
  let highest: number | null = null;
  for (const { text } of view.messages) if (text.trim() !== '') highest = Math.max(highest ?? 0, scoreToxicity(text));
  const isAbove = max !== null && highest !== null && highest > max;
  return { tags: { toxicity: highest }, reject: isAbove ? `a message is toxic with a probability of ${highest!.toFixed(2)}, above ${max}` : null };
};
