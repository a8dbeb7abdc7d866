/** Positions from the front, or from the back: the first of a pair is the one that is kept. */
export function* inOrder(count: number, keep: 'first' | 'last'): Generator<number> {
  for (let step = 0; step < count; step += 1) yield keep === 'first' ? step : count - 1 - step;
}
