/** Scores go from 1 to this. */
export const HIGHEST_SCORE = 5;

export interface JudgeAgreement {
  /** Scores that both judges gave. */
  pairs: number;
  /** Cohen's kappa with quadratic weights: 1 the same, 0 as by chance; null where both gave one and the same score throughout. */
  kappa: number | null;
  /** Share of equal scores; null without pairs. */
  equal: number | null;
  /** Mean distance of the scores, in points; null without pairs. */
  meanDistance: number | null;
}

/** Pairs of two judges' scores, as a table of counts. */
export class AgreementTable {
  readonly #counts = new Float64Array(HIGHEST_SCORE * HIGHEST_SCORE);

  /** Whole numbers from 1 to 5. */
  add(first: number, second: number): void {
    this.#counts[(first - 1) * HIGHEST_SCORE + second - 1]! += 1;
  }

  /** Adds what another table has. */
  addAll(other: AgreementTable): void {
    other.#counts.forEach((count, cell) => (this.#counts[cell]! += count));
  }

  /** Kappa by Cohen 1968, "Weighted kappa", with weights that grow by the square of the distance. */
  agreement(): JudgeAgreement {
    const pairs = this.#counts.reduce((sum, count) => sum + count, 0);
    if (pairs === 0) return { pairs, kappa: null, equal: null, meanDistance: null };
    const rows = Array.from({ length: HIGHEST_SCORE }, (_, row) => this.#sum((first) => first === row));
    const columns = Array.from({ length: HIGHEST_SCORE }, (_, column) => this.#sum((_first, second) => second === column));
    const observed = this.#sum((first, second) => (first - second) ** 2);
    const expected = rows.reduce((sum, row, first) => sum + columns.reduce((inner, column, second) => inner + row * column * (first - second) ** 2, 0), 0) / pairs;
    return {
      pairs,
      kappa: expected === 0 ? null : 1 - observed / expected,
      equal: this.#sum((first, second) => first === second) / pairs,
      meanDistance: this.#sum((first, second) => Math.abs(first - second)) / pairs,
    };
  }

  #sum(weight: (first: number, second: number) => number | boolean): number {
    return this.#counts.reduce((sum, count, cell) => sum + count * Number(weight(Math.floor(cell / HIGHEST_SCORE), cell % HIGHEST_SCORE)), 0);
  }
}
