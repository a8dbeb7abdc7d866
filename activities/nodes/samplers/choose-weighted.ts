/** One of the values by their weights, from a number in [0, 1). @param values at least one */
export function chooseWeighted<Value>(values: readonly Value[], weights: readonly number[] | null, random: number): Value {
  if (weights === null) return values[Math.floor(random * values.length)]!;
  let left = random * weights.reduce((sum, weight) => sum + weight, 0);
  const index = weights.findIndex((weight) => (left -= weight) < 0);
  // Rounding may leave a rest behind the last one.
  return values[index === -1 ? weights.findLastIndex((weight) => weight > 0) : index]!;
}
