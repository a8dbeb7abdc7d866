import type { WhereExpression } from '../../pipeline/where-expression.ts';
import type { FileFormat, OasstPlan, SinkPlan } from '../../pipeline/plan.ts';
import type { RetryFrom, RetryRequest, RunReference } from '../../pipeline/run-contract.ts';
import type { NodeStatistics } from '../../pipeline/run-statistics.ts';
import type { Paid } from './steering/caps.ts';
import type { SourceIdentity } from '../data/record-source.ts';
import type { GitState } from './metadata/git-state.ts';

/**
 * Keys of a run's files in the store. Everything that a run knows lies below its own folder, so
 * that it can be copied, looked at, or deleted with one command.
 */
export function runFolder(run: Pick<RunReference, 'pipeline' | 'run'>): string {
  return `runs/${run.pipeline}/${run.run}`;
}

export function rangeName(range: number): string {
  return String(range).padStart(5, '0');
}

export function batchName(batch: number): string {
  return String(batch).padStart(3, '0');
}

/** What `run.json` says of the OASST rows. */
export interface OasstDescription extends OasstPlan {
  /** Absolute; beside the run's output. */
  path: string;
  failedRecords: string;
}

/** What `run.json` says of a retry. */
export interface RetryDescription extends RetryRequest {
  from: RetryFrom;
  /** Records that it tries again. */
  records: number;
}

/** `run.json`: what was asked for, fixed when the run was first prepared. */
export interface RunDescription {
  version: 1;
  reference: RunReference;
  /** The root workflow. */
  workflowId: string;
  /** Absent: `pipeline`. */
  workflowType?: string;
  /** As the user named it. */
  task: string;
  createdAt: string;
  /** What git said of the task's folder when the run was prepared. Absent in runs of older versions. */
  git?: GitState | null;
  /** Absolute path of the file with the run's metadata. Absent: only the store has them. */
  metadata?: string;
  seed: number;
  numRecords: number | null;
  startIndex: number;
  concurrency: number;
  batchSize: number | null;
  fresh: boolean;
  failureShare: number;
  recordWorkflows: number;
  source: SourceIdentity | null;
  /** Files to write at the merge; the first is the run's output. Absolute paths. With `alias`, only that sink's columns. */
  outputs: { path: string; format: FileFormat; encoding: string; alias?: string | null; where?: WhereExpression }[];
  hubSinks: Extract<SinkPlan, { type: 'hf' }>[];
  failedRecords: string;
  /** How the rows become OASST rows. Absent: they do not. */
  oasst?: OasstDescription;
  /** What is written is tagged afterwards. Absent: no. */
  quality?: boolean;
  /** The run tries failed records of another one again. Absent: no. */
  retry?: RetryDescription;
  /** Takes only records that no earlier run has finished, as `seen.json` says. Absent: no. */
  newOnly?: boolean;
  /** Models that are answered by the built-in simulation because no endpoint is configured. */
  simulatedModels: string[];
}

/** What a worker does and has done at a node. */
export interface LiveNode extends NodeStatistics {
  inFlight: number;
  /** Answers of this run that were taken from its journal: they were counted when they were made. Absent: none. */
  replayed?: number;
}

/** `live/<worker>.json`, rewritten about once a second by each worker: for showing, not for counting. */
export interface LiveCounters {
  updatedAt: string;
  /** By node name. */
  nodes: Record<string, LiveNode>;
  /** Model calls: how they stand right now. */
  models: Record<string, { inFlight: number; queued: number; window: number; overloaded: number }>;
  /** Where reused answers came from: run id to count. */
  reusedFrom: Record<string, number>;
  /** Why calls wait, if they do: endpoint down, overloaded … */
  waiting: string | null;
  /** Answers that this worker has paid for, in all its work for the run. */
  paid: Paid;
}
