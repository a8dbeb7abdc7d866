/**
 * The name that was most likely meant, for "did you mean". null where nothing is near: more than a
 * third of the letters would have to change. Distance: Damerau-Levenshtein (optimal string
 * alignment), ignoring case.
 */
export function nearestName(wrong: string, names: Iterable<string>): string | null {
  // Longer names are not typed by hand; this bounds the work on hostile input.
  if (wrong.length > 80) return null;
  let best: { name: string; distance: number } | null = null;
  for (const name of names) {
    if (Math.abs(name.length - wrong.length) > 3 || name === wrong) continue;
    const distance = editDistance(wrong.toLowerCase(), name.toLowerCase());
    if (distance <= Math.min(3, Math.max(1, Math.floor(name.length / 3))) && distance < (best?.distance ?? Infinity)) {
      best = { name, distance };
    }
  }
  return best?.name ?? null;
}

function editDistance(left: string, right: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      let distance = Math.min(previous[column]! + 1, current[column - 1]! + 1, previous[column - 1]! + (same ? 0 : 1));
      const swapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (swapped) distance = Math.min(distance, beforePrevious[column - 2]! + 1);
      current.push(distance);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[right.length]!;
}
