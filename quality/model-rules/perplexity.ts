import type { ModelRuleSettings } from '../../pipeline/model-rules.ts';
import { rounded, unscored, type ModelRule } from './model-rule.ts';

/**
 * Section 4.1, check 6: rejects a perplexity above `max` (1000), that is e to the mean negative log-probability of the
 * tokens of all turns together, each given those before it. Which figures are high depends on the model, which the tags
 * name: the paper's threshold is meant for GPT-2.
 */
export const perplexity: ModelRule<ModelRuleSettings['ppl_score']> = (finding, { max, reject }, model) => {
  if (!('perplexity' in finding)) return unscored('perplexity', { score: null, model }, finding);
  const { perplexity: score, tokens } = finding;
  return {
    tags: { perplexity: { score: rounded(score), model, tokens } },
    reject: reject && score > max ? `its perplexity is ${score.toFixed(1)}, above ${max}` : null,
  };
};
