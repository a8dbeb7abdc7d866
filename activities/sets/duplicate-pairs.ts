import type { DuplicateReportPlan, DuplicateTagPlan } from '../../pipeline/plan.ts';

/** A record that was dropped, and the one it is too similar to, which was kept. Positions in the set. */
export interface DuplicatePair {
  kept: number;
  dropped: number;
  similarity: number;
}

/** As many pairs as the report takes; all where duplicates are tagged. */
export class DuplicatePairs {
  readonly #most: number;
  readonly list: DuplicatePair[] = [];
  /** All of them, those that were not kept included. */
  count = 0;

  constructor({ report, tag }: DuplicateTagPlan & { report: DuplicateReportPlan | null }) {
    this.#most = tag === undefined ? (report?.maxPairs ?? 0) : Infinity;
  }

  add(pair: DuplicatePair): void {
    this.count += 1;
    if (this.list.length < this.#most) this.list.push(pair);
  }
}
