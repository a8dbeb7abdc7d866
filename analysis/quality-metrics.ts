import type { JsonObject } from '../pipeline/json.ts';
import type { RuleLimits } from './rule-limits.ts';
import { numberOf, valueAt, type RecordTags } from './tagged-record.ts';

/** `share`: 0 to 1. `whole`: small counts. `log`: positive numbers of very different sizes. */
export type MetricScale = 'share' | 'linear' | 'whole' | 'log';

export interface MetricLimit {
  value: number;
  /** Which side of it is kept. */
  keeps: 'at least' | 'at most';
}

export interface QualityMetric {
  key: string;
  title: string;
  scale: MetricScale;
  read: (tags: RecordTags) => number | null;
  limits: (limits: RuleLimits) => MetricLimit[];
}

const none = (): MetricLimit[] => [];
const heuristic = (...path: string[]) => ({ heuristics }: { heuristics: JsonObject }): number | null => numberOf(valueAt(heuristics, path));
const atLeast = (value: number | null): MetricLimit[] => (value === null ? [] : [{ value, keeps: 'at least' }]);
const atMost = (value: number | null): MetricLimit[] => (value === null ? [] : [{ value, keeps: 'at most' }]);

/** The numbers of a tagged record that have a distribution worth looking at, in the order of the paper's checks. */
export const QUALITY_METRICS: readonly QualityMetric[] = [
  { key: 'tokens', title: 'Tokens', scale: 'log', read: totalTokens, limits: ({ maxTokens }) => atMost(maxTokens) },
  { key: 'target_tokens', title: 'Tokens of the last message', scale: 'log', read: heuristic('tokens', 'target_tokens'), limits: none },
  { key: 'language_confidence', title: 'Confidence of the language', scale: 'share', read: heuristic('language', 'confidence'), limits: ({ minLanguageConfidence }) => atLeast(minLanguageConfidence) },
  { key: 'turns', title: 'Turns', scale: 'whole', read: heuristic('conversation_stats', 'turn_count'), limits: ({ minTurns, maxTurns }) => [...atLeast(minTurns), ...atMost(maxTurns)] },
  { key: 'turn_length', title: 'Mean length of a turn, characters', scale: 'log', read: heuristic('conversation_stats', 'avg_turn_length'), limits: none },
  { key: 'ttr', title: 'Type-token ratio', scale: 'share', read: heuristic('lexical_richness', 'ttr_score'), limits: ({ minTtr }) => atLeast(minTtr) },
  { key: 'mtld', title: 'MTLD', scale: 'log', read: heuristic('lexical_richness', 'mtld_score'), limits: ({ minMtld }) => atLeast(minMtld) },
  { key: 'perplexity', title: 'Perplexity', scale: 'log', read: heuristic('perplexity', 'score'), limits: ({ maxPerplexity }) => atMost(maxPerplexity) },
  { key: 'ifd', title: 'Instruction-following difficulty (IFD)', scale: 'linear', read: heuristic('ifd', 'ifd_score'), limits: ({ maxIfd }) => atMost(maxIfd) },
  { key: 'reward', title: 'Reward', scale: 'share', read: heuristic('reward_score', 'score'), limits: ({ minReward }) => atLeast(minReward) },
  { key: 'toxicity', title: 'Toxicity', scale: 'share', read: heuristic('toxicity'), limits: ({ maxToxicity }) => atMost(maxToxicity) },
  { key: 'difficulty', title: 'Difficulty', scale: 'whole', read: ({ taxonomy }) => numberOf(taxonomy.difficulty), limits: none },
  { key: 'overall_score', title: 'Overall score of the judge', scale: 'linear', read: ({ judged }) => numberOf(judged.overall_score), limits: none },
];

function totalTokens({ heuristics }: RecordTags): number | null {
  const input = numberOf(valueAt(heuristics, ['tokens', 'input_tokens']));
  const target = numberOf(valueAt(heuristics, ['tokens', 'target_tokens']));
  return input === null && target === null ? null : (input ?? 0) + (target ?? 0);
}
