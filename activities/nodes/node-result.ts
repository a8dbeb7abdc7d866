import type { JsonObject, JsonValue } from '../../pipeline/json.ts';

/** What a node has changed in one record's state: changed keys only. */
export interface StateChange {
  set: JsonObject;
  /** Appended to `messages`. */
  append?: JsonValue[];
}

/** Why a record has failed, as the failed-records file and its workflow show it. */
export interface RecordFailure {
  node: string;
  code: string;
  message: string;
  attempts: number;
  prompt: string | null;
  answer: string | null;
  /** State before the node. */
  state?: JsonObject;
}

export interface NodeResultFile {
  /** By position within the batch. */
  changes: Map<number, StateChange>;
  failures: Map<number, RecordFailure>;
}

/** Lines of a result file: `[position, set, append?]`, or `[position, null, failure]`. */
type ResultLine = [number, JsonObject, JsonValue[]?] | [number, null, RecordFailure];

export function formatResult(file: NodeResultFile): string {
  const lines: string[] = [];
  for (const [position, change] of file.changes) {
    const line: ResultLine = change.append === undefined ? [position, change.set] : [position, change.set, change.append];
    lines.push(`${JSON.stringify(line)}\n`);
  }
  for (const [position, failure] of file.failures) {
    const line: ResultLine = [position, null, failure];
    lines.push(`${JSON.stringify(line)}\n`);
  }
  return lines.join('');
}

export function parseResult(text: string): NodeResultFile {
  const result: NodeResultFile = { changes: new Map(), failures: new Map() };
  for (const serialized of text.split('\n')) {
    if (serialized === '') continue;
    const line = JSON.parse(serialized) as ResultLine;
    if (line[1] === null) result.failures.set(line[0], line[2]);
    else result.changes.set(line[0], line[2] === undefined ? { set: line[1] } : { set: line[1], append: line[2] });
  }
  return result;
}
