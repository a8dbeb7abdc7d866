import { shareOut } from './share-out.ts';

/** How many are wanted: in all, or of each stratum. */
export type Quota = { size: number } | { per: number };

export interface ChooseRows {
  /** Of each row; larger ones are chosen first, of equal ones the earlier row. NaN: never. */
  keys: Float64Array;
  /** The stratum of each row, from 0. null: there is but one. */
  strata: Int32Array | null;
  quota: Quota;
}

/** The rows that are chosen, those with the largest keys first. */
export function chooseRows({ keys, strata, quota }: ChooseRows): Uint32Array {
  const stratumOf = (row: number): number => strata?.[row] ?? 0;
  const eligible = Uint32Array.from(keys.keys()).filter((row) => !Number.isNaN(keys[row]));
  eligible.sort((left, right) => compare(keys[right]!, keys[left]!) || left - right);
  const available: number[] = [];
  for (const row of eligible) {
    const stratum = stratumOf(row);
    while (available.length <= stratum) available.push(0);
    available[stratum]! += 1;
  }
  const left = 'size' in quota ? shareOut(quota.size, available) : available.map((count) => Math.min(quota.per, count));
  return eligible.filter((row) => left[stratumOf(row)]!-- > 0);
}

/**
 * The key of a row that is chosen with a probability that grows with its weight, without
 * replacement: log(u) / w, whose order is that of u^(1/w) (Efraimidis and Spirakis 2006, algorithm A).
 * @param draw a number in [0, 1)
 * @returns NaN for a weight that is not above zero
 */
export function weightedKey(weight: number, draw: number): number {
  return weight > 0 ? Math.log(1 - draw) / weight : Number.NaN;
}

/** Two infinities have no difference. */
function compare(left: number, right: number): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
