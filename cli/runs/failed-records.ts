import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { readLocation } from '../../activities/store/locations.ts';
import { SyngraphError } from '../../pipeline/errors.ts';

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
  const lines = createInterface({ input: readLocation(file), crlfDelay: Infinity });
  let number = 0;
  try {
    for await (const line of lines) {
      number += 1;
      if (line === '') continue;
      const record = readRecord(line, { file, number });
      const key = JSON.stringify([record.node, record.code]);
      const group = groups.get(key) ?? { node: record.node, code: record.code, count: 0, records: [] };
      group.count += 1;
      if (group.records.length < mostPerGroup) group.records.push(record);
      groups.set(key, group);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new SyngraphError({ code: 'STORE_INVALID', message: `the failed-records file ${file} is gone`, nextStep: 'Resume the run: it writes the file again.', cause: error });
  }
  return [...groups.values()].sort((left, right) => right.count - left.count);
}

function readRecord(line: string, { file, number }: { file: string; number: number }): FailedRecord {
  let record: Record<string, unknown>;
  try {
    record = JSON.parse(line) as Record<string, unknown>;
  } catch (cause) {
    throw new SyngraphError({ code: 'STORE_INVALID', message: `${file}:${number} is not JSON`, nextStep: 'Resume the run: it writes the file again.', cause });
  }
  const text = (value: unknown): string => (typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value));
  return {
    id: text(record.id),
    ordinal: typeof record.ordinal === 'number' ? record.ordinal : null,
    node: text(record.node),
    code: text(record.code),
    message: text(record.message),
    attempts: typeof record.attempts === 'number' ? record.attempts : 0,
  };
}
