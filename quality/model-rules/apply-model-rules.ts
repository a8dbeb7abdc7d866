import type { ModelRuleName, ModelRuleSettings, ModelRulesPlan } from '../../pipeline/model-rules.ts';
import type { Assessment } from '../assess-conversation.ts';
import { instructionFollowingDifficulty } from './instruction-following-difficulty.ts';
import type { ModelFinding, ModelRule } from './model-rule.ts';
import { perplexity } from './perplexity.ts';
import { reward } from './reward.ts';

const RULES: { [Name in ModelRuleName]: ModelRule<ModelRuleSettings[Name]> } = {
  ppl_score: perplexity,
  ifd_score: instructionFollowingDifficulty,
  reward_score: reward,
};

/** A finding with the name of the model that it is of. */
export interface NamedFinding {
  finding: ModelFinding;
  model: string;
}

/** The second pass: an assessment with what models have found beside it. */
export function applyModelRules({ tags, rejections }: Assessment, findings: readonly NamedFinding[], rules: ModelRulesPlan): Assessment {
  const outcomes = findings.flatMap(({ finding, model }) => {
    const settings = rules[finding.rule];
    // The table pairs each name with the settings of its own rule, which a union of names hides.
    return settings === undefined ? [] : [{ rule: finding.rule, ...(RULES[finding.rule] as ModelRule<typeof settings>)(finding, settings, model) }];
  });
  const all = [...rejections, ...outcomes.flatMap(({ rule, reject }) => (reject === null ? [] : [{ rule, reason: reject }]))];
  const { passed: _passed, rejections: _rejections, ...found } = tags;
  const more = Object.assign({}, ...outcomes.map((outcome) => outcome.tags)) as Assessment['tags'];
  return { tags: { ...found, ...more, passed: all.length === 0, rejections: all.map(({ rule, reason }) => ({ rule, reason })) }, rejections: all };
}
