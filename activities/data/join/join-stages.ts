import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { JsonObject } from '../../../pipeline/json.ts';
import type { JoinPlan } from '../../../pipeline/plan.ts';
import { seededRandom } from '../../nodes/seeded-random.ts';
import { createOccurrences } from '../../run/occurrences.ts';
import type { RecordBatches } from '../record-batches.ts';
import type { SourceRow } from '../record-source.ts';
import { joinKey } from './join-key.ts';
import type { SpilledRows } from './spilled-rows.ts';

export interface JoinStage {
  join: JoinPlan;
  alias: string;
  /** What is joined, with columns as its source has them. */
  rows: SpilledRows;
  /** Column of the rows so far that `column` matches; with its prefix. */
  primaryColumn: string;
  prefix: (row: JsonObject) => JsonObject;
  seed: number;
  signal: AbortSignal;
}

const MOST_TOGETHER = 500;

/** The rows so far, each with the columns of those that join it. */
export async function* joinStage(batches: RecordBatches, stage: JoinStage): AsyncGenerator<SourceRow[]> {
  const partners = partnersOf(stage);
  let output: SourceRow[] = [];
  for await (const batch of batches) {
    for (const entry of batch) {
      if (!entry.ok) output.push(entry);
      else {
        for (const partner of partners(entry.row)) {
          output.push({ ok: true, row: { ...entry.row, ...partner } });
          if (output.length < MOST_TOGETHER) continue;
          yield output;
          output = [];
          // Partners are read synchronously: heartbeats and other work need their turn.
          await nextTurn();
          stage.signal.throwIfAborted();
        }
      }
    }
    if (output.length > 0) yield output;
    output = [];
  }
}

/** Which rows join a row: one row out for each of them. */
function partnersOf(stage: JoinStage): (row: JsonObject) => Iterable<JsonObject> {
  const { join, rows, prefix } = stage;
  switch (join.kind) {
    case 'cross':
      return () => allRows(stage);
    case 'column':
      return leftJoin(stage);
    case 'sequential': {
      let position = 0;
      return () => [prefix(rows.row(position++ % rows.length))];
    }
    case 'random':
      return randomRow(stage);
    case 'primary':
    case 'vstack':
      throw new RangeError(`${join.kind} joins nothing`);
  }
}

function* allRows({ rows, prefix }: JoinStage): Generator<JsonObject> {
  for (let index = 0; index < rows.length; index += 1) yield prefix(rows.row(index));
}

function leftJoin({ rows, prefix, primaryColumn }: JoinStage): (row: JsonObject) => Iterable<JsonObject> {
  const empty = Object.fromEntries([...rows.columns].map((column) => [column, null]));
  return function* (row) {
    const key = joinKey(Object.hasOwn(row, primaryColumn) ? row[primaryColumn] : null);
    let found = false;
    for (const match of key === null ? [] : rows.matches(key)) {
      found = true;
      yield prefix(match);
    }
    if (!found) yield prefix(empty);
  };
}

/** The draw depends on the row's content and how often it has been seen, so that rows elsewhere do not change it. */
function randomRow({ rows, prefix, seed, alias }: JoinStage): (row: JsonObject) => Iterable<JsonObject> {
  const occurrences = createOccurrences();
  return (row) => {
    const content = createHash('sha256').update(JSON.stringify(row)).digest('hex');
    const draw = seededRandom([seed, 'join', alias, occurrences.unique(content)]);
    return [prefix(rows.row(Math.floor(draw * rows.length)))];
  };
}
