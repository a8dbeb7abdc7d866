import { createInterface } from 'node:readline';
import { readLocation } from '../../activities/store/locations.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../pipeline/json.ts';

/** The part of a line of the failed-records file that is shown. */
export interface FailedRecord {
  id: string;
  ordinal: number | null;
  node: string;
  code: string;
  message: string;
  attempts: number;
}

/** Failed records that share node and cause. */
export interface FailedGroup {
  node: string;
  code: string;
  count: number;
  /** The first few. */
  records: FailedRecord[];
}

/** Reads a failed-records file as a stream; groups by node and code, the largest first. */
export async function groupFailedRecords(file: string, mostPerGroup: number): Promise<FailedGroup[]> {
  const groups = new Map<string, FailedGroup>();
  for await (const line of readLines(file)) {
    const record = shownOf(line);
    const key = JSON.stringify([record.node, record.code]);
    const group = groups.get(key) ?? { node: record.node, code: record.code, count: 0, records: [] };
    group.count += 1;
    if (group.records.length < mostPerGroup) group.records.push(record);
    groups.set(key, group);
  }
  return [...groups.values()].sort((left, right) => right.count - left.count);
}

/** The whole line of one record; null where the file has none of that id. */
export async function findFailedRecord(file: string, id: string): Promise<JsonObject | null> {
  for await (const record of readLines(file)) if (textOf(record.id) === id) return record;
  return null;
}

async function* readLines(file: string): AsyncGenerator<JsonObject> {
  const lines = createInterface({ input: readLocation(file), crlfDelay: Infinity });
  let number = 0;
  try {
    for await (const line of lines) {
      number += 1;
      if (line !== '') yield parseRecord(line, { file, number });
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new SyngraphError({ code: 'STORE_INVALID', message: `the failed-records file ${file} is gone`, nextStep: 'Resume the run: it writes the file again.', cause: error });
  }
}

function parseRecord(line: string, { file, number }: { file: string; number: number }): JsonObject {
  let cause: unknown;
  try {
    const record = JSON.parse(line) as JsonValue;
    if (isJsonObject(record)) return record;
  } catch (error) {
    cause = error;
  }
  throw new SyngraphError({ code: 'STORE_INVALID', message: `${file}:${number} is no JSON object`, nextStep: 'Resume the run: it writes the file again.', cause });
}

function shownOf(record: JsonObject): FailedRecord {
  return {
    id: textOf(record.id),
    ordinal: typeof record.ordinal === 'number' ? record.ordinal : null,
    node: textOf(record.node),
    code: textOf(record.code),
    message: textOf(record.message),
    attempts: typeof record.attempts === 'number' ? record.attempts : 0,
  };
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
}
