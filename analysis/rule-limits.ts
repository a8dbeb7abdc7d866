import { isJsonObject, type JsonObject } from '../pipeline/json.ts';
import { MODEL_RULE_DEFAULTS } from '../pipeline/model-rules.ts';
import { QUALITY_RULE_DEFAULTS } from '../pipeline/quality-rules.ts';
import { numberOf } from './tagged-record.ts';

/** What rules reject below or above; null: nothing. */
export interface RuleLimits {
  minTtr: number | null;
  minMtld: number | null;
  minTurns: number | null;
  maxTurns: number | null;
  maxTokens: number | null;
  minLanguageConfidence: number | null;
  maxPerplexity: number | null;
  maxIfd: number | null;
  minReward: number | null;
  maxToxicity: number | null;
}

/** @param rules as a `quality` node has them; what they leave open has its default */
export function ruleLimits(rules: JsonObject): RuleLimits {
  const { lexical_diversity: lexical, conversation_length: length, conversation_pretokenization: tokens, language_tagging: language, toxicity } = QUALITY_RULE_DEFAULTS;
  const { ppl_score: perplexity, ifd_score: ifd, reward_score: reward } = MODEL_RULE_DEFAULTS;
  const limit = (names: string[], key: string, fallback: number | null): number | null => {
    const config = names.map((name) => rules[name]).find((found) => found !== undefined);
    if (config === false) return null;
    const isSet = isJsonObject(config) && config[key] !== undefined;
    return isSet ? numberOf(config[key]) : fallback;
  };
  const lengths = ['conversation_length', 'conversation_length_check'];
  return {
    minTtr: limit(['lexical_diversity'], 'min_ttr', lexical.minTtr),
    minMtld: limit(['lexical_diversity'], 'min_mtld', lexical.minMtld),
    minTurns: limit(lengths, 'min_turns', length.minTurns),
    maxTurns: limit(lengths, 'max_turns', length.maxTurns),
    maxTokens: limit(['conversation_pretokenization'], 'max_tokens', tokens.maxTokens),
    minLanguageConfidence: limit(['language_tagging', 'language_detection'], 'confidence', language.confidence),
    maxPerplexity: limit(['ppl_score'], 'max', perplexity.max),
    maxIfd: limit(['ifd_score'], 'max', ifd.max),
    minReward: limit(['reward_score'], 'min', reward.min),
    maxToxicity: limit(['toxicity'], 'max', toxicity.max),
  };
}
