/**
 * Record positions as short text, e.g. `0-57,60,62-99`: what workflow histories hold instead of
 * lists of numbers. Runs in the workflow sandbox, so this file imports nothing.
 * @param indexes whole numbers >= 0, in any order; repeated ones are kept once
 */
export function encodeRecords(indexes: readonly number[]): string {
  const sorted = [...new Set(indexes)].sort((left, right) => left - right);
  const parts: string[] = [];
  for (let position = 0; position < sorted.length;) {
    const first = sorted[position]!;
    if (!Number.isSafeInteger(first) || first < 0) throw new RangeError(`${first} is not the position of a record`);
    let last = first;
    while (sorted[position + 1] === last + 1) {
      last += 1;
      position += 1;
    }
    position += 1;
    parts.push(first === last ? `${first}` : `${first}-${last}`);
  }
  return parts.join(',');
}

/** Positions in ascending order. @throws RangeError when the text is not what `encodeRecords` writes */
export function decodeRecords(text: string): number[] {
  if (text === '') return [];
  const indexes: number[] = [];
  for (const part of text.split(',')) {
    const match = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(part);
    if (match === null) throw new RangeError(`"${part.slice(0, 40)}" is not a range of records such as 0-57`);
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : Number(match[2]);
    if (last < first || last - first > MAX_RANGE) throw new RangeError(`"${part}" is not a range of records`);
    if (first <= (indexes.at(-1) ?? -1)) throw new RangeError(`"${part}" is out of order`);
    for (let index = first; index <= last; index += 1) indexes.push(index);
  }
  return indexes;
}

/** Far above any batch; keeps a damaged text from filling the memory. */
const MAX_RANGE = 10_000_000;
