import type { JsonObject } from './json.ts';
import type { WalkTable } from './walk-plan.ts';
import type { RangeSpan } from './range-contract.ts';
import type { RunControl } from './run-control.ts';
import type { PauseCause, RunStatus } from './run-status.ts';
import type { RetryRequest } from './retry-contract.ts';
import type { RunReference } from './run-reference.ts';
import type { RecordCounts } from './run-statistics.ts';

export * from './range-contract.ts';
export * from './retry-contract.ts';
export * from './run-control.ts';
export * from './run-outcome.ts';
export * from './run-status.ts';
export * from './schedule-contract.ts';
export type { RunReference } from './run-reference.ts';
export * from './walk-contract.ts';

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

/** `quality` does what `pipeline` does, for a pipeline that tags a dataset; people find it under its own name. */
export const WORKFLOW_TYPES = { run: 'pipeline', quality: 'quality', range: 'range', batch: 'batch', subgraph: 'subgraph', record: 'record', merge: 'merge', scheduled: 'scheduled', limiter: 'limiter' } as const;

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
  /** 1 to 5, 1 before all other runs. Default 3. */
  priority?: number;
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
  /** Write the run's metadata beside its output. Default: yes, unless SYGRA_DISABLE_METADATA says no. */
  metadata?: boolean;
  /** Another models.yaml. */
  models?: string;
  /** Write the rows as OASST rows, whatever the pipeline's `oasst_mapper` says of it. */
  oasst?: boolean;
  /** The run exists: go on with what its folder in the store says is done. */
  resume?: boolean;
  /** Share of failed records among the last 200 that pauses the run. Default 0.5. */
  failureShare?: number;
  /** Failed records that get a workflow of their own. Default 200. */
  recordWorkflows?: number;
  /** Tag what the run has written by a `quality` workflow afterwards. Default: as output_config says. */
  quality?: boolean;
  /** The run tries failed records of another one again. Its id must be that run's with `~retry-<number>` behind it. */
  retry?: RetryRequest;
  /** Dollars at which the run stops; see RunCaps. Default: none, or what the run that is resumed had; null takes it away. */
  budget?: number | null;
  /** Tokens at which the run stops; likewise. */
  maxTokensTotal?: number | null;
  /** Time at which the run stops, or a duration from its start on; likewise. */
  deadline?: string | null;
  /** Only source records that no earlier run of the pipeline has finished; `numRecords` counts these. */
  newOnly?: boolean;
  /** When a run of a schedule is due (ISO 8601), and the zone that its output's `{date}` is read in. */
  scheduled?: { at: string; timeZone: string };
  /** Carried from one execution to the next by continue-as-new; never set by callers. */
  continued?: ContinuedRun;
  /** Ranges after which an execution continues as new at the latest. Default: when Temporal suggests it. */
  rangesPerExecution?: number;
}

export interface ContinuedRun {
  prepared: PreparedRun;
  /** Absent in runs that were started before there were phases: their first one goes on with `nextRange`. */
  cursor?: RunCursor;
  nextRange?: number;
  staged: number;
  recordWorkflowsLeft: number;
  totals: RecordCounts;
  /** Of the waves before this one. */
  earlierTotals?: RecordCounts;
  epoch: number;
  /** Absent: nothing was changed. */
  control?: RunControl;
}

/**
 * How far a run is. A run with a target draws its candidates in waves, each of them once the
 * outcome of the one before is known; any other has one wave. Where records wait for others or for
 * a human, a wave takes its batches through the graph in phases: each goes as far as it can, and the
 * next one begins with what had to wait.
 */
export interface RunCursor {
  phase: number;
  /** Nodes where what has waited may go on in this phase. */
  released: number[];
  /** Nodes where records wait for the next phase. */
  parkedAt: number[];
  /** First range of the wave. */
  firstRange: number;
  /** Range that this phase goes on with. */
  nextRange: number;
  /** Number behind the last range of the wave, once all are staged. */
  endRange: number | null;
  /** Candidates that the wave has still to stage; null: all that there are. */
  wanted: number | null;
  /** The source has no more records. */
  exhausted: boolean;
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
  /** The run draws candidates until so many records are accepted; absent: it takes what there is. */
  target?: { rows: number; maxCandidates: number };
  /** Nodes where a human decides. Absent: none. */
  reviews?: number[];
  /** Nodes whose records wait for a provider's batch API. Absent: none. */
  providerBatches?: number[];
  /** What the run has written is tagged afterwards. Absent: no. */
  quality?: boolean;
  /** As the run begins. Absent: nothing is capped or changed. */
  control?: RunControl;
}

/** How the workflow that tags a run's output is started. */
export interface PreparedQuality {
  workflowId: string;
  input: PipelineInput;
}

/** Input of the activity that sees all records of a run that wait at a node. */
export interface DecideSetInput extends RangeSpan {
  run: RunReference;
  node: number;
  /** The phase that ended with the records waiting. */
  phase: number;
  /** Default 0. */
  epoch?: number;
}

/** Input of the activity that submits, looks at and collects a provider's batches for the records that wait at a node. */
export type ProviderBatchInput = DecideSetInput;

export interface ProviderBatchProgress {
  /** Until the next look, in milliseconds; null: all that was asked for is answered, or is to be asked by single calls. */
  again: number | null;
  /** Requests that the provider has not finished. */
  open: number;
}

export interface OpenReviewsInput extends RangeSpan {
  run: RunReference;
  nodes: number[];
  phase: number;
}

/** What a human decides on one record that waits, as the update `review` of the run's workflow takes it. */
export interface ReviewUpdate {
  id: string | number;
  /** Needed where the record waits at several nodes. */
  node?: string;
  decision: 'approve' | 'reject' | 'edit';
  /** New values of keys that the node lets be edited. */
  edit?: JsonObject;
  comment?: string;
  reviewer?: string;
}

/** Input of the activity that writes what is finished of batches whose other records wait in vain. */
export interface SalvageInput extends RangeSpan {
  run: RunReference;
  phase: number;
}

export interface MergeInput {
  run: RunReference;
  status: RunStatus;
  /** Why a capped run has stopped. */
  stop?: PauseCause;
}

export interface PrepareRunInput {
  input: PipelineInput;
  workflowId: string;
  workflowType?: string;
}

