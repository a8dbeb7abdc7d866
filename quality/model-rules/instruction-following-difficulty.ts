import type { ModelRuleSettings } from '../../pipeline/model-rules.ts';
import { rounded, unscored, type ModelRule } from './model-rule.ts';

/**
 * Beyond the paper: the perplexity of the last answer given all before it, over that of the answer alone ("instruction
 * following difficulty", Li et al. 2023 and 2024). Near 1 the prompt hardly helps to foretell the answer; above 1 the
 * two do not belong together. Rejects a ratio above `max`, if that is set.
 */
export const instructionFollowingDifficulty: ModelRule<ModelRuleSettings['ifd_score']> = (finding, { max }, model) => {
  if (!('alone' in finding)) return unscored('ifd', { ifd_score: null, ifd_model: model }, finding);
  const score = finding.after / finding.alone;
  return {
    tags: { ifd: { ifd_score: rounded(score), ifd_model: model, answer_perplexity: rounded(finding.alone), conditioned_perplexity: rounded(finding.after), tokens: finding.tokens } },
    reject: max !== null && score > max ? `its IFD is ${score.toFixed(3)}, above ${max}` : null,
  };
};
