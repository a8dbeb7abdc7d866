import { DIMENSIONS, EXPLANATIONS, type Dimension, type Judgement } from '../../recipes/quality_judge/dimensions.ts';

/** A judge's answer with one score for all dimensions that are not given. */
export function judgementOf(score: number, scores: Partial<Record<Dimension, number>> = {}): Judgement {
  const entries = DIMENSIONS.flatMap((dimension) => [[dimension, scores[dimension] ?? score], [EXPLANATIONS[dimension], `Why ${dimension}.`]]);
  return Object.fromEntries(entries) as Judgement;
}
