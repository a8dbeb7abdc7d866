import type { SingleSourcePlan } from './source-plans.ts';

/** Encodings of OpenAI's models that tokens are counted with. */
export const TOKEN_ENCODINGS = ['o200k_base', 'cl100k_base', 'p50k_base', 'r50k_base'] as const;

export type TokenEncoding = (typeof TOKEN_ENCODINGS)[number];

export const PII_KINDS = ['email', 'phone', 'ip', 'card', 'iban', 'key'] as const;

export type PiiKind = (typeof PII_KINDS)[number];

/**
 * The heuristic rules of stage 1 with their settings, under SyGra's names where it has the rule.
 * Sections are those of the SyGra paper.
 */
export interface QualityRuleSettings {
  /**
   * Section 4.1, check 1. `maxTokens`: a longer conversation is rejected; null: none is. `tokenizer`: folder, or repository
   * on the Hub, that counts instead of `encoding`, the chat template included; `chatTemplate`: file with another template.
   */
  conversation_pretokenization: { encoding: TokenEncoding; tokenizer: string | null; chatTemplate: string | null; maxTokens: number | null };
  /** Section 4.1, check 2. Languages are fastText's codes; `codeConfidence` is asked where the conversation has code. */
  language_tagging: { languages: string[]; confidence: number; codeConfidence: number };
  /** Section 4.1, check 3. Turns of users and assistants; both bounds are allowed. */
  conversation_length: { minTurns: number; maxTurns: number };
  /** Section 4.1, check 4. Rejects nothing. */
  metadata_tagging: Record<string, never>;
  /** Section 4.1, check 5. `minMtld` null: a low MTLD rejects nothing. */
  lexical_diversity: { minTtr: number; mtldFactor: number; minMtld: number | null };
  /** Section 4.1, check 8. Rejects nothing. */
  data_characteristics: Record<string, never>;
  /** Beyond the paper: Gopher's rules. Shares of n-grams are those of characters, looked at in messages of `minWords` and more. */
  repetition: { minWords: number; duplicateLines: number; duplicateLineCharacters: number; duplicateTurns: number; topNgrams: Record<string, number>; duplicateNgrams: Record<string, number> };
  /** Beyond the paper. */
  boilerplate: { reject: boolean };
  /** Beyond the paper. `mask`: what is found is replaced in the state. */
  pii: { kinds: PiiKind[]; action: 'tag' | 'mask'; reject: boolean };
  /** Beyond the paper: empty messages, and answers that were cut off. */
  completeness: { reject: boolean };
  /** Beyond the paper. `max`: a message that is toxic with a higher probability is rejected; null: none is. */
  toxicity: { max: number | null };
  /** Beyond the paper; on where benchmarks are given. Runs of `words` words, or texts of `minWords` and more that are shorter. */
  contamination: { benchmarks: BenchmarkPlan[]; words: number; minWords: number; reject: boolean };
}

/** Texts that a model is to be tested with, and should not have been trained on. */
export interface BenchmarkPlan {
  name: string;
  source: SingleSourcePlan;
}

export type QualityRuleName = keyof QualityRuleSettings;

/** The rules that are on, in the order in which they are applied. */
export type QualityRulesPlan = { [Name in QualityRuleName]?: QualityRuleSettings[Name] };

/**
 * Gopher's thresholds: Rae et al. 2021, "Scaling Language Models", table A1. `duplicateTurns` is
 * ours, with the threshold that Gopher has for paragraphs.
 */
export const QUALITY_RULE_DEFAULTS: Readonly<QualityRuleSettings> = {
  conversation_pretokenization: { encoding: 'o200k_base', tokenizer: null, chatTemplate: null, maxTokens: null },
  language_tagging: { languages: ['en'], confidence: 0.9, codeConfidence: 0.5 },
  conversation_length: { minTurns: 2, maxTurns: 20 },
  metadata_tagging: {},
  lexical_diversity: { minTtr: 0.3, mtldFactor: 0.72, minMtld: null },
  data_characteristics: {},
  repetition: {
    minWords: 50,
    duplicateLines: 0.3,
    duplicateLineCharacters: 0.2,
    duplicateTurns: 0.3,
    topNgrams: { 2: 0.2, 3: 0.18, 4: 0.16 },
    duplicateNgrams: { 5: 0.15, 6: 0.14, 7: 0.13, 8: 0.12, 9: 0.11, 10: 0.1 },
  },
  boilerplate: { reject: true },
  pii: { kinds: [...PII_KINDS], action: 'tag', reject: false },
  completeness: { reject: true },
  toxicity: { max: null },
  contamination: { benchmarks: [], words: 13, minWords: 8, reject: true },
};

export const QUALITY_RULE_NAMES = Object.keys(QUALITY_RULE_DEFAULTS) as QualityRuleName[];

/** What the paper calls rules that have another name in SyGra or here. */
export const PAPER_RULE_NAMES = { language_tagging: 'language_detection', conversation_length: 'conversation_length_check' } as const;
