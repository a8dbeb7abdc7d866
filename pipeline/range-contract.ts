import type { WalkTable } from './walk-plan.ts';
import type { RunReference } from './run-reference.ts';
import type { NodeStatistics, RecordCounts } from './run-statistics.ts';
import type { OverVisited, ParkedWalk, RecordGroup } from './walk-contract.ts';

/** What crosses the border between the workflows of ranges and batches and their activities. Types only. */

export interface RangeSpan {
  firstRange: number;
  /** Behind the last one. */
  endRange: number;
}

export interface StageRangeInput {
  run: RunReference;
  range: number;
  phase: number;
  /** Position of the range's first record among those of the run. */
  first: number;
  /** Records wanted at most. Absent: as many as fit. */
  most?: number;
  /** Given from the second range on. */
  batchSize: number | null;
}

export interface StagedRange {
  records: number;
  batchSize: number;
  /** No range follows. */
  last: boolean;
  /** Batches of this range that an earlier phase or execution of the run has finished. */
  finishedBatches: number[];
  /** Batches that an earlier execution has brought to the end of this phase, with records that wait. */
  parkedBatches?: ParkedBatch[];
  /** Set when the whole range was finished by an earlier execution. */
  closed: RecordCounts | null;
}

export interface ParkedBatch {
  batch: number;
  parkedAt: number[];
}

export interface RangeInput {
  run: RunReference;
  /** Id of the run's root workflow; children are named below it. */
  root: string;
  walk: WalkTable;
  range: number;
  records: number;
  batchSize: number;
  finishedBatches: number[];
  parkedBatches?: ParkedBatch[];
  /** Default 0. */
  phase?: number;
  released?: number[];
  batchesInFlight: number;
  recordWorkflows: number;
  quickFinish: boolean;
  epoch: number;
}

export interface BatchInput {
  run: RunReference;
  root: string;
  walk: WalkTable;
  range: number;
  /** Number within the range. */
  batch: number;
  records: number;
  recordWorkflows: number;
  quickFinish: boolean;
  /** Default 0. */
  phase?: number;
  released?: number[];
  epoch: number;
}

/** A batch is finished, or has records that wait and goes on in the next phase. */
export type BatchOutcome = BatchResult | (ParkedBatch & { part: null });

export interface BatchResult {
  batch: number;
  /** File of the part below the run's `parts` folder. */
  part: string;
  counts: RecordCounts;
  /** By node, in plan order. */
  nodes: NodeStatistics[];
}

export interface RangeResult {
  range: number;
  counts: RecordCounts;
  failedRecordWorkflows: number;
  /** Nodes where records of the range wait. Absent: none. */
  parkedAt?: number[];
}

export interface ParkBatchInput {
  run: RunReference;
  range: number;
  batch: number;
  phase: number;
  parkedAt: number[];
  parked: ParkedWalk;
}

export interface LoadParkedInput {
  run: RunReference;
  range: number;
  batch: number;
  /** The phase that ended with this walk. */
  phase: number;
}

export interface FinishBatchInput {
  run: RunReference;
  range: number;
  batch: number;
  records: number;
  finished: RecordGroup[];
  /** Records that the walk itself failed. */
  overVisited: OverVisited[];
  /** Result files that hold failures. */
  failedIn: string[];
  /** Records that nodes have taken out. */
  filtered: number;
  /** Records that were taken out of one of several branches: in another they may have failed. Absent: none. */
  filteredBeside?: string;
  /** Records that have come into being beyond those of the batch. */
  spawned: number;
  /** Failed records to return for workflows of their own, at most. */
  recordWorkflows: number;
  /** What the nodes did; kept in the part. */
  nodes: NodeStatistics[];
  /** Results of the batch's activities that were accepted: what they counted is kept in the part, too. Absent: of a worker that did not say. */
  accepted?: string[];
}

export interface FinishedBatch {
  part: string;
  counts: RecordCounts;
  failed: FailedRecordReport[];
}

/** A failed record as its workflow shows it: contents clipped. */
export interface FailedRecordReport {
  id: string;
  ordinal: number;
  node: string;
  code: string;
  message: string;
  attempts: number;
  /** The source row. Absent in those of older versions. */
  input?: string;
  /** Before the node. */
  state: string;
  prompt: string | null;
  answer: string | null;
  /** The file that holds all of it. Absent in those of older versions. */
  file?: string;
}

export interface RecordInput {
  run: RunReference;
  failed: FailedRecordReport;
}

export interface CloseRangeInput {
  run: RunReference;
  range: number;
  batches: BatchResult[];
  /** Batches finished by an earlier phase or execution; their results are read from their parts. */
  finishedBatches: number[];
}
