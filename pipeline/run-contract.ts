import type { WalkTable } from './plan.ts';
import type { NodeStatistics, RecordCounts } from './run-statistics.ts';

/**
 * What crosses the border between clients, workflows and activities. Types and constants only:
 * this file is loaded in the workflow sandbox, in workers and in the command line.
 */

export const TASK_QUEUE = 'syngraph';

/** Keyword search attributes; a server must have them before the first start. */
export const SEARCH_ATTRIBUTES = ['SyngraphPipeline', 'SyngraphRun', 'SyngraphStatus', 'SyngraphNode', 'SyngraphError'] as const;

/**
 * A workflow task that a killed worker had in hand is given to another one after this long. Ours
 * take milliseconds; the default of 10 s would be most of the time until a resumed run goes on.
 */
export const WORKFLOW_TASK_TIMEOUT = '3 seconds';

/** Batches of a range, but the last. The number of a batch within its run is range × this + its number. */
export const RANGE_BATCHES = 200;

export const WORKFLOW_TYPES = { run: 'pipeline', range: 'range', batch: 'batch', record: 'record' } as const;

/** Type of the application failure that pauses a run instead of failing it. */
export const PAUSE_FAILURE = 'SyngraphPause';

/** Input of the `pipeline` workflow. One of `task` and `planHash` is needed. */
export interface PipelineInput {
  /** Task folder or YAML file, compiled by the worker; must lie under the worker's allowed roots. */
  task?: string;
  /** A plan that is in the store already. */
  planHash?: string;
  /** Default: the last segment of the workflow id. */
  runId?: string;
  /** Default: all records, 10 where the pipeline has no source. */
  numRecords?: number;
  /** Source records to leave out at the beginning. Default 0. */
  startIndex?: number;
  /** Model calls in flight over all models. Default 128. */
  concurrency?: number;
  /** Records of a batch. Default: follows the size of the run, 10 to 200. */
  batchSize?: number;
  /** Output file; its extension decides the format. */
  output?: string;
  /** Folder of the output where neither `output` nor a sink names a file. */
  outputDir?: string;
  /** Another seed is another dataset. Default 0. */
  seed?: number;
  /**
   * Models whose answers are simulated, as whoever starts the run sees it. Default: as the worker
   * that prepares the run sees it. Other workers refuse batches that they would answer otherwise.
   */
  simulatedModels?: string[];
  /** Do not reuse answers of earlier runs. */
  fresh?: boolean;
  /** Another models.yaml. */
  models?: string;
  /** The run exists: go on with what its folder in the store says is done. */
  resume?: boolean;
  /** Share of failed records among the last 200 that pauses the run. Default 0.5. */
  failureShare?: number;
  /** Failed records that get a workflow of their own. Default 200. */
  recordWorkflows?: number;
  /** Carried from one execution to the next by continue-as-new; never set by callers. */
  continued?: ContinuedRun;
  /** Ranges after which an execution continues as new at the latest. Default: when Temporal suggests it. */
  rangesPerExecution?: number;
}

export interface ContinuedRun {
  prepared: PreparedRun;
  nextRange: number;
  staged: number;
  recordWorkflowsLeft: number;
  totals: RecordCounts;
  epoch: number;
}

/** Names a run in every activity input; the rest is in the run's folder of the store. */
export interface RunReference {
  pipeline: string;
  run: string;
  planHash: string;
}

export interface PreparedRun {
  reference: RunReference;
  walk: WalkTable;
  batchSize: number | null;
  concurrency: number;
  recordWorkflows: number;
  /** A bad row must stop the run before its first call: the whole source is read before any range starts. */
  stageFirst: boolean;
  /** Rows are made without user code, in milliseconds: finishing a batch needs no activity task of its own. */
  quickFinish: boolean;
}

export interface StageRangeInput {
  run: RunReference;
  range: number;
  /** Given from the second range on. */
  batchSize: number | null;
}

export interface StagedRange {
  records: number;
  batchSize: number;
  /** No range follows. */
  last: boolean;
  /** Batches of this range that an earlier execution of the run has finished. */
  finishedBatches: number[];
  /** Set when the whole range was finished by an earlier execution. */
  closed: RecordCounts | null;
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
  epoch: number;
}

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
}

export interface RunNodeInput {
  run: RunReference;
  range: number;
  batch: number;
  node: number;
  /** Number of this activity within its batch; names its files. */
  sequence: number;
  groups: RecordGroup[];
  epoch: number;
}

/** Records that share a past: the results that make up their state, in causal order. */
export interface RecordGroup {
  /** As `encodeRecords` writes them; positions within the batch. */
  records: string;
  /** Results accepted so far on the way of these records. */
  history: string[];
  visit: number;
}

/** Index into `Plan.nodes` of the pseudo node that asks the conditions of START. */
export const START_NODE = -2;

export interface NodeResult {
  /** The result file of the attempt that Temporal accepted. */
  result: string;
  /** Distinct sets of targets. */
  targets: number[][];
  /**
   * One character a record in the order of the input's groups: `0` + index into targets, `!` failed,
   * `-` not finished because of cancellation. Absent: all records go to targets[0].
   */
  routes?: string;
  statistics: NodeStatistics;
}

export interface FinishBatchInput {
  run: RunReference;
  range: number;
  batch: number;
  records: number;
  finished: RecordGroup[];
  /** Records that the walk itself failed. */
  overVisited: { records: string; node: number; history: string[] }[];
  /** Result files that hold failures. */
  failedIn: string[];
  /** Failed records to return for workflows of their own, at most. */
  recordWorkflows: number;
  /** What the nodes did; kept in the part. */
  nodes: NodeStatistics[];
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
  state: string;
  prompt: string | null;
  answer: string | null;
}

export interface RecordInput {
  run: RunReference;
  failed: FailedRecordReport;
}

export interface CloseRangeInput {
  run: RunReference;
  range: number;
  batches: BatchResult[];
  /** Batches finished by an earlier execution; their results are read from their parts. */
  finishedBatches: number[];
}

export interface MergeInput {
  run: RunReference;
  status: RunStatus;
}

export interface PrepareRunInput {
  input: PipelineInput;
  workflowId: string;
}

export type RunStatus = 'running' | 'paused' | 'merging' | 'done' | 'failed_records' | 'cancelled' | 'failed';

export interface RunSummary {
  status: RunStatus;
  output: string | null;
  failedRecords: string | null;
  counts: RecordCounts & { total: number };
  nodes: Record<string, NodeStatistics>;
  seconds: number;
}

export interface RunProgress {
  status: RunStatus;
  /** Why the run is paused, and what to do. */
  pause: PauseCause | null;
  /** Records staged so far; the number of all once `stagedAll`. */
  staged: number;
  stagedAll: boolean;
  /** Of closed batches. */
  counts: RecordCounts;
  batches: { open: number; closed: number };
}

export interface PauseCause {
  code: string;
  message: string;
  nextStep: string | null;
  node: string | null;
}

export interface PauseReport {
  cause: PauseCause;
  epoch: number;
}
