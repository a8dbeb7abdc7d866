import { createHash } from 'node:crypto';
import type { JsonObject, JsonValue } from '../../pipeline/json.ts';

/** Rows of the first run whose content is kept as a hash; later ones are not looked at. */
const MOST_ROWS = 200_000;

export interface RowExample {
  id: string;
  /** What the rows hold alike is left out, but for what both begin with: the source's columns. */
  differing: { key: string; values: [JsonValue | undefined, JsonValue | undefined] }[];
}

export interface RowComparison {
  /** Source records that have a row in both runs. */
  common: number;
  /** Of them, those whose rows are the same. */
  same: number;
  onlyFirst: number;
  onlySecond: number;
  /** Not all rows of the first run were looked at. */
  isPart: boolean;
  /** Of source records whose rows differ, in the order of the second run. */
  examples: RowExample[];
}

type Rows = () => AsyncIterable<{ id: string; row: JsonObject }>;

/** Compares rows of the same source records. Reads the first run twice, and keeps a hash of each of its rows. */
export async function compareRows(first: Rows, second: Rows, mostExamples: number): Promise<RowComparison> {
  const hashes = new Map<string, string>();
  let isPart = false;
  for await (const { id, row } of first()) {
    if (hashes.size === MOST_ROWS) {
      isPart = true;
      break;
    }
    hashes.set(id, hashOf(row));
  }
  const found = new Map<string, JsonObject>();
  let common = 0;
  let same = 0;
  let onlySecond = 0;
  for await (const { id, row } of second()) {
    const hash = hashes.get(id);
    if (hash === undefined) onlySecond += 1;
    else {
      common += 1;
      if (hash === hashOf(row)) same += 1;
      else if (found.size < mostExamples) found.set(id, row);
    }
  }
  return { common, same, onlyFirst: hashes.size - common, onlySecond: isPart ? 0 : onlySecond, isPart, examples: await examplesOf(first, found) };
}

async function examplesOf(first: Rows, found: Map<string, JsonObject>): Promise<RowExample[]> {
  const examples = new Map<string, RowExample>();
  if (found.size > 0) {
    for await (const { id, row } of first()) {
      const other = found.get(id);
      if (other !== undefined) examples.set(id, { id, differing: differingKeys(row, other) });
      if (examples.size === found.size) break;
    }
  }
  return [...found.keys()].flatMap((id) => examples.get(id) ?? []);
}

function differingKeys(left: JsonObject, right: JsonObject): RowExample['differing'] {
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].filter((key) => JSON.stringify(left[key]) !== JSON.stringify(right[key])).map((key) => ({ key, values: [left[key], right[key]] }));
}

function hashOf(row: JsonObject): string {
  return createHash('sha256').update(JSON.stringify(row)).digest('base64').slice(0, 16);
}
