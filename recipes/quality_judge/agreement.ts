import { DIMENSIONS, type Dimension } from './dimensions.ts';
import { valueAt } from './value-at.ts';

export type ScorePair = readonly [number, number];

export interface Agreement {
  /** Cohen's kappa with quadratic weights: 1 the same, 0 as by chance; null where both gave one and the same score throughout. */
  kappa: number | null;
  /** Share of equal scores. */
  equal: number;
  /** Mean distance of the scores, in points. */
  mean_distance: number;
}

/**
 * Cohen's kappa weighted by the square of the distance (Cohen 1968), of two judges' scores. The
 * weights turn the expected and observed sums over the table of scores into moments:
 * 1 - E[(a - b)²] / (E[a²] + E[b²] - 2 E[a] E[b]). Sums of whole numbers, so that no figure depends on their order.
 */
export function quadraticKappa(pairs: readonly ScorePair[]): number | null {
  let [distances, squares, first, second] = [0, 0, 0, 0];
  for (const [left, right] of pairs) {
    distances += (left - right) ** 2;
    squares += left ** 2 + right ** 2;
    first += left;
    second += right;
  }
  const expected = pairs.length * squares - 2 * first * second;
  return expected === 0 ? null : 1 - (pairs.length * distances) / expected;
}

export function agreementOf(pairs: readonly ScorePair[]): Agreement | null {
  if (pairs.length === 0) return null;
  const distances = pairs.map(([left, right]) => Math.abs(left - right));
  return {
    kappa: quadraticKappa(pairs),
    equal: distances.filter((distance) => distance === 0).length / pairs.length,
    mean_distance: distances.reduce((sum, distance) => sum + distance, 0) / pairs.length,
  };
}

export interface AgreementReport {
  rows: number;
  /** Rows that both judges have scored; the others count nowhere. */
  judged_twice: number;
  /** Over the scores of all dimensions together; null: no row was judged twice. */
  all: Agreement | null;
  dimensions: Record<Dimension, Agreement | null>;
}

/** How far two judges agree, over rows whose metadata has what the recipe writes. */
export function judgeAgreement(rows: readonly unknown[]): AgreementReport {
  const judged = rows.map(scoresOf).filter((scores) => scores !== null);
  const pairsOf = (dimension: Dimension): ScorePair[] => judged.map((scores) => scores[dimension]);
  return {
    rows: rows.length,
    judged_twice: judged.length,
    all: agreementOf(DIMENSIONS.flatMap(pairsOf)),
    dimensions: Object.fromEntries(DIMENSIONS.map((dimension) => [dimension, agreementOf(pairsOf(dimension))])) as AgreementReport['dimensions'],
  };
}

function scoresOf(row: unknown): Record<Dimension, ScorePair> | null {
  const first = valueAt(row, ['metadata', 'quality_characteristics', 'LLM_based']);
  const pairs = DIMENSIONS.map((dimension) => [dimension, [valueAt(first, [dimension]), valueAt(first, ['second_judge', dimension])]] as const);
  const isWhole = pairs.every(([, scores]) => scores.every((score) => typeof score === 'number'));
  return isWhole ? (Object.fromEntries(pairs) as unknown as Record<Dimension, ScorePair>) : null;
}
