/** Rows by their values, of equal ones the earlier first; those without a value (NaN) come last, in their order. */
export function orderRows(rows: Uint32Array, { values, descending }: { values: Float64Array; descending: boolean }): Uint32Array {
  const sign = descending ? -1 : 1;
  return rows.slice().sort((left, right) => {
    const [a, b] = [values[left]!, values[right]!];
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b)) || left - right;
    return a < b ? -sign : a > b ? sign : left - right;
  });
}

/**
 * Which of two lists gives the next item, all ways of mixing them being alike likely; each list
 * keeps its order.
 * @param random a number in [0, 1) for the n-th item, from 0
 */
export function* interleave({ first, second, random }: { first: number; second: number; random: (position: number) => number }): Generator<'first' | 'second'> {
  let [left, right] = [first, second];
  for (let position = 0; left + right > 0; position += 1) {
    if (random(position) * (left + right) < right) {
      right -= 1;
      yield 'second';
    } else {
      left -= 1;
      yield 'first';
    }
  }
}
