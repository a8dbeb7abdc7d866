import type { JsonObject } from '../../pipeline/json.ts';
import type { NodeStatistics } from '../../pipeline/run-statistics.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { CallMeter } from '../metrics/call-meter.ts';
import type { RunContext } from '../run/run-context.ts';
import type { SourceRecord } from './batch-data.ts';
import type { RecordFailure, StateChange } from './node-result.ts';

/** One record that is due at a node. */
export interface WorkRecord {
  /** Position within the batch. */
  position: number;
  source: SourceRecord;
  state: JsonObject;
  /** Place of the record among those of the batch; longer than one for a record that came from another one. */
  path: number[];
  /** Opaque: tells visits of the same node apart. */
  visit: number | string;
}

export type NodeOutcome =
  | { kind: 'changed'; change: StateChange }
  /** The record becomes several, each with its own change; with none it is filtered. */
  | { kind: 'split'; children: StateChange[] }
  /** The record ends here and makes no row. */
  | { kind: 'filtered' }
  | { kind: 'failed'; failure: RecordFailure }
  /** Stopped before it was done; asked again when the run goes on. */
  | { kind: 'unfinished' };

/** A changed record that knows where it goes next. */
export type RoutedRecord = { kind: 'routed'; targets: number[] } | Exclude<NodeOutcome, { kind: 'changed' | 'split' }>;

export type RoutedOutcome = RoutedRecord | { kind: 'split'; children: RoutedRecord[] };

/** What the executor of a node kind gets beside its records. */
export interface NodeWork {
  dependencies: ActivityDependencies;
  run: RunContext;
  /** Index of the node in the plan. */
  index: number;
  name: string;
  records: WorkRecord[];
  /** Aborts on cancellation, and when the run is to be paused. */
  signal: AbortSignal;
  /** Throws where another worker may have taken the attempt over: asked before each call. */
  assertHeld: () => void;
  /** Counted into as the work goes. */
  statistics: NodeStatistics;
  /** Counts what models are asked for, beside `statistics`. */
  meter: CallMeter;
  batch: { range: number; batch: number };
  /** Folder of the batch's journal. */
  journalFolder: string;
  /** Names what this attempt writes. */
  attempt: string;
  sequence: number;
  /** Phase of the run: how often its records have waited so far. */
  phase: number;
  epoch: number;
}

export function failedOutcome(work: NodeWork, failure: Partial<RecordFailure> & { code: string; message: string }): NodeOutcome {
  return { kind: 'failed', failure: { node: work.name, attempts: 1, prompt: null, answer: null, ...failure } };
}
