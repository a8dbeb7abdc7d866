/** More different values than this are no categories. */
const MOST_VALUES = 1_000;

export interface ValueCount {
  value: string;
  all: number;
  accepted: number;
}

/** How often each of some values came, in all and among accepted records; memory is bounded. */
export class ValueCounts {
  readonly #counts = new Map<string, { all: number; accepted: number }>();
  readonly #rest = { all: 0, accepted: 0 };

  add(value: string, isAccepted: boolean): void {
    let count = this.#counts.get(value);
    if (count === undefined) {
      if (this.#counts.size < MOST_VALUES) this.#counts.set(value, (count = { all: 0, accepted: 0 }));
      else count = this.#rest;
    }
    count.all += 1;
    if (isAccepted) count.accepted += 1;
  }

  /** The most frequent first; what is beyond `most` together as `others`. */
  list(most: number): ValueCount[] {
    const sorted = [...this.#counts].map(([value, count]) => ({ value, ...count })).sort((left, right) => right.all - left.all || (left.value < right.value ? -1 : 1));
    const rest = sorted.slice(most).reduce((sum, { all, accepted }) => ({ all: sum.all + all, accepted: sum.accepted + accepted }), this.#rest);
    return [...sorted.slice(0, most), ...(rest.all === 0 ? [] : [{ value: 'others', ...rest }])];
  }
}
