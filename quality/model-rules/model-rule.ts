import type { JsonObject } from '../../pipeline/json.ts';
import type { ModelRuleName } from '../../pipeline/model-rules.ts';
import type { RuleOutcome } from '../rule.ts';

/** What a model has said of a conversation. */
export type ModelFinding =
  | { rule: 'ppl_score'; perplexity: number; tokens: number }
  /** Perplexities of the answer after what stands before it, and alone. */
  | { rule: 'ifd_score'; after: number; alone: number; tokens: number }
  /** `label`: the class that the probability is of; null: the model has one only, or the endpoint names none. */
  | { rule: 'reward_score'; score: number; label: string | null }
  /** No model was asked, or it could not tell. */
  | { rule: ModelRuleName; unscored: string };

/** A pure function, as the rules without a model. `model`: name of the model, for the tags. */
export type ModelRule<Settings> = (finding: ModelFinding, settings: Settings, model: string) => RuleOutcome;

/** Scores are tagged even where there is none, so that it shows why. */
export function unscored(tag: string, named: JsonObject, finding: ModelFinding): RuleOutcome {
  return { tags: { [tag]: { ...named, unscored: 'unscored' in finding ? finding.unscored : 'the model gave no such score' } }, reject: null };
}

export function rounded(score: number): number {
  return Number(score.toPrecision(6));
}
