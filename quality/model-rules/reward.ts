import type { ModelRuleSettings } from '../../pipeline/model-rules.ts';
import { rounded, unscored, type ModelRule } from './model-rule.ts';

/** Section 4.1, check 7: rejects where a reward model's score is below `min` (0.3). */
export const reward: ModelRule<ModelRuleSettings['reward_score']> = (finding, { min, reject }, model) => {
  if (!('score' in finding)) return unscored('reward_score', { score: null, reward_model: model }, finding);
  const { score, label } = finding;
  return {
    tags: { reward_score: { score: rounded(score), reward_model: model, ...(label === null ? {} : { label }) } },
    reject: reject && score < min ? `its reward is ${score.toFixed(3)}, below ${min}` : null,
  };
};
