import { DEFAULT_LOCAL_MODEL } from './model-plan.ts';

/** Who scores: a model that runs in the worker, or one of the plan's models behind an endpoint, by its key. */
export type ScorerPlan = { kind: 'local'; model: string } | { kind: 'endpoint'; model: string };

/**
 * The rules of stage 1 that need a model, with their settings; SyGra's names where it has the rule. Sections are
 * those of the SyGra paper. They are off unless they are named.
 */
export interface ModelRuleSettings {
  /**
   * Section 4.1, check 6. A perplexity above `max` is rejected. `maxTokens` of a conversation are scored, from its
   * beginning, in windows of `window` tokens (null: as many as the model takes at once) which see `overlap` tokens
   * before them. Only conversations in one of `languages`, or of code, are scored.
   */
  ppl_score: { scorer: ScorerPlan; max: number; reject: boolean; maxTokens: number; window: number | null; overlap: number; languages: string[] | 'all' };
  /**
   * Beyond the paper: how much less the prompt helps to foretell the answer than one would think, as "instruction
   * following difficulty" (Li et al. 2023, "From Quantity to Quality"; as a ratio of perplexities, Li et al. 2024,
   * "Superfiltering"). A ratio above `max` is rejected; null: none is. `maxTokens` of the answer are scored.
   */
  ifd_score: { scorer: ScorerPlan; max: number | null; maxTokens: number; languages: string[] | 'all' };
  /**
   * Section 4.1, check 7. A score below `min` is rejected. `label`: the class whose probability is the score, by its
   * name or number; null: the model's only one, else the one that is called positive, else its last.
   */
  reward_score: { scorer: ScorerPlan; min: number; reject: boolean; maxTokens: number; label: string | null };
}

export type ModelRuleName = keyof ModelRuleSettings;

/** The rules that are on. */
export type ModelRulesPlan = { [Name in ModelRuleName]?: ModelRuleSettings[Name] };

type Defaults = { [Name in ModelRuleName]: Omit<ModelRuleSettings[Name], 'scorer'> };

/** 1,024 tokens are what GPT-2, the paper's model, takes at once. */
export const MODEL_RULE_DEFAULTS: Readonly<Defaults> = {
  ppl_score: { max: 1000, reject: true, maxTokens: 1024, window: null, overlap: 0, languages: ['en'] },
  ifd_score: { max: null, maxTokens: 512, languages: ['en'] },
  reward_score: { min: 0.3, reject: true, maxTokens: 2048, label: null },
};

export const MODEL_RULE_NAMES = Object.keys(MODEL_RULE_DEFAULTS) as ModelRuleName[];

/** Short names of models that score. */
export const SCORER_ALIASES: Readonly<Record<string, string>> = { gpt2: 'openai-community/gpt2', default: DEFAULT_LOCAL_MODEL };

/** Scores texts where a rule names no model: the same on every machine, so that scores do not hang on what a machine reaches. */
export const DEFAULT_SCORER: ScorerPlan = { kind: 'local', model: DEFAULT_LOCAL_MODEL };
