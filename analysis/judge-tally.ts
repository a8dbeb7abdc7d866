import type { JsonObject } from '../pipeline/json.ts';
import { isJsonObject } from '../pipeline/json.ts';
import { QuantileSketch } from './quantile-sketch.ts';
import { numberOf } from './tagged-record.ts';
import { AgreementTable, HIGHEST_SCORE, type JudgeAgreement } from './weighted-kappa.ts';

/** What judges score, from 1 to 5: section 4.2 of the SyGra paper. */
export const JUDGED_DIMENSIONS = ['instruction_following', 'contextual_alignment', 'accuracy', 'completeness', 'linguistic_clarity'] as const;

export type JudgedDimension = (typeof JUDGED_DIMENSIONS)[number];

export interface DimensionReport {
  dimension: JudgedDimension;
  /** Records with a score. */
  records: number;
  mean: number | null;
  /** Records with a score of 1, 2, 3, 4 and 5. */
  scores: number[];
  /** null: no record was scored twice. */
  agreement: JudgeAgreement | null;
}

export interface JudgeReport {
  /** Records with a score in any dimension. */
  records: number;
  /** Mean of `overall_score`; null where no record has one. */
  overallMean: number | null;
  dimensions: DimensionReport[];
  /** Over the scores of all dimensions together; null: no record was judged twice. */
  agreement: JudgeAgreement | null;
}

/** What judges think of records. */
export class JudgeTally {
  readonly #dimensions = JUDGED_DIMENSIONS.map((dimension) => ({ dimension, scores: new Array<number>(HIGHEST_SCORE).fill(0), table: new AgreementTable() }));
  readonly overall = new QuantileSketch();
  #records = 0;

  /** @param judged `LLM_based` of a record; scores that are no whole number from 1 to 5 are left out */
  add(judged: JsonObject): void {
    const other = isJsonObject(judged.second_judge) ? judged.second_judge : {};
    let isJudged = false;
    for (const { dimension, scores, table } of this.#dimensions) {
      const score = scoreOf(judged, dimension);
      if (score === null) continue;
      isJudged = true;
      scores[score - 1]! += 1;
      const second = scoreOf(other, dimension);
      if (second !== null) table.add(score, second);
    }
    this.overall.add(numberOf(judged.overall_score) ?? Number.NaN);
    if (isJudged) this.#records += 1;
  }

  /** null where nobody has judged anything. */
  report(): JudgeReport | null {
    if (this.#records === 0) return null;
    const all = new AgreementTable();
    for (const { table } of this.#dimensions) all.addAll(table);
    const dimensions = this.#dimensions.map(({ dimension, scores, table }): DimensionReport => {
      const records = scores.reduce((sum, count) => sum + count, 0);
      const points = scores.reduce((sum, count, index) => sum + count * (index + 1), 0);
      return { dimension, records, mean: records === 0 ? null : points / records, scores: [...scores], agreement: withPairs(table) };
    });
    return { records: this.#records, overallMean: this.overall.count === 0 ? null : this.overall.mean, dimensions, agreement: withPairs(all) };
  }
}

function withPairs(table: AgreementTable): JudgeAgreement | null {
  const agreement = table.agreement();
  return agreement.pairs === 0 ? null : agreement;
}

function scoreOf(judged: JsonObject, dimension: JudgedDimension): number | null {
  const score = numberOf(judged[dimension]);
  return score !== null && Number.isInteger(score) && score >= 1 && score <= HIGHEST_SCORE ? score : null;
}
