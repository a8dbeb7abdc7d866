import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonObject, JsonValue } from '../../pipeline/json.ts';
import type { SourceRecord } from './batch-data.ts';
import { CHAT_HISTORY } from './changed-state.ts';
import type { Descent, NodeResultFile, StateChange } from './node-result.ts';

/** A record as it stands after the results in its history. */
export interface RecordState {
  source: SourceRecord;
  state: JsonObject;
  /** Places among siblings from the source record down; sorts the records of a batch in the order of their rows. */
  path: number[];
  /** Positions of the records that it has come from, from the source record down, and its own. */
  line: number[];
}

/**
 * State of a record: its source row and what the results in its history have changed, in their
 * order. A record that has come from another one has that one's past too, and an id made of its
 * parent's and its own number among the siblings.
 */
export function recordState(sources: SourceRecord[], position: number, history: NodeResultFile[]): RecordState {
  const descents = descentOf(position, history);
  const root = descents[0]?.parent ?? position;
  const source = sources[root];
  if (source === undefined) throw new SyngraphError({ code: 'STORE_INVALID', message: `the batch has no record ${position}` });
  const line = descents.length === 0 ? [position] : lineOf(position, descents);
  const state: JsonObject = { ...source.row };
  for (const result of history) for (const ancestor of line) applyChange(state, result.changes.get(ancestor));
  if (descents.length === 0) return { source, state, path: [root], line };
  const numbers = descents.map((descent) => descent.number);
  return { source: { ...source, id: [source.id, ...numbers].join(':') }, state, path: [root, ...numbers], line };
}

function lineOf(position: number, descents: readonly Descent[]): number[] {
  return [...descents.map(({ parent }) => parent), position];
}

/** From the source record down. */
function descentOf(position: number, history: NodeResultFile[]): Descent[] {
  const descents: Descent[] = [];
  let current = position;
  for (let index = history.length - 1; index >= 0; index -= 1) {
    const descent = history[index]?.children.get(current);
    if (descent === undefined) continue;
    descents.unshift(descent);
    current = descent.parent;
  }
  return descents;
}

export function applyChange(state: JsonObject, change: StateChange | undefined): void {
  if (change === undefined) return;
  Object.assign(state, change.set);
  if (change.append !== undefined) state['messages'] = appended(state['messages'], change.append);
  if (change.history !== undefined) state[CHAT_HISTORY] = appended(state[CHAT_HISTORY], change.history);
}

function appended(before: JsonValue | undefined, more: JsonValue[]): JsonValue[] {
  return [...(Array.isArray(before) ? before : before === undefined || before === null ? [] : [before]), ...more];
}

export function comparePaths(left: number[], right: number[]): number {
  const different = left.findIndex((number, index) => number !== right[index]);
  return different === -1 ? left.length - right.length : (left[different] ?? 0) - (right[different] ?? -1);
}
