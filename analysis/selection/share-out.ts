/**
 * Shares a number of places out among strata as evenly as they have records: a stratum with fewer
 * than its share gives what is left to the others. Places that cannot be shared evenly go to the
 * strata that come first.
 * @param available records of each stratum
 * @returns places of each stratum; fewer than `places` in all only where there are fewer records
 */
export function shareOut(places: number, available: readonly number[]): number[] {
  const shares = available.map(() => 0);
  const ascending = available.map((_, stratum) => stratum).sort((left, right) => available[left]! - available[right]! || left - right);
  let left = places;
  for (const [position, stratum] of ascending.entries()) {
    const share = Math.min(available[stratum]!, Math.floor(left / (ascending.length - position)));
    shares[stratum] = share;
    left -= share;
  }
  // Fewer are left than there are strata with records to spare.
  for (const [stratum, share] of shares.entries()) {
    if (left > 0 && share < available[stratum]!) {
      shares[stratum] = share + 1;
      left -= 1;
    }
  }
  return shares;
}
