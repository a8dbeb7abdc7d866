import type { RunReference } from './run-reference.ts';
import type { RecordCounts } from './run-statistics.ts';
import type { RunStatus } from './run-status.ts';

/** Where records that are tried again begin: where all records do, or at the node that they failed in. */
export type RetryFrom = 'start' | 'node';

/** Makes a run one that tries failed records of another run of the pipeline again, and brings the outcome into its output. */
export interface RetryRequest {
  /** The run whose failed records are meant, by its id; its retries before this one count as part of it. */
  run: string;
  /** Needed where neither `task` nor `planHash` tells the pipeline. Default: that of the plan. */
  pipeline?: string;
  /** Only records that failed in this node. */
  node?: string;
  /** Only records that failed with this error code. */
  error?: string;
  /** Only these records. */
  ids?: string[];
  /** Default: `start`. */
  from?: RetryFrom;
}

/** What a retry has done, as the summary of the run says it. */
export interface RetrySummary {
  /** Id of the retry's own run. */
  run: string;
  status: RunStatus;
  planHash: string;
  /** Of the records that it has tried again. */
  counts: RecordCounts & { total: number };
  /** Model calls that were answered in it. */
  calls: number;
  seconds: number;
}

/** Runs whose name holds it are retries: nobody can choose such a run id. */
const MARK = '~retry-';

export function retryRunId(run: string, number: number): string {
  return `${run}${MARK}${number}`;
}

/** The run that a retry belongs to, and its number from 1; null for any other run. */
export function retryOfRunId(runId: string): { run: string; number: number } | null {
  const found = /^(.+)~retry-(\d{1,9})$/.exec(runId);
  return found === null ? null : { run: found[1]!, number: Number(found[2]) };
}

/** Id of the workflow that gathers records which were reset in Temporal. */
export function mergeWorkflowId(run: Pick<RunReference, 'pipeline' | 'run'>): string {
  return `${run.pipeline}/${run.run}/merge`;
}

/** Input of the `merge` workflow. */
export interface MergeWorkflowInput {
  /** The run into whose output records are brought. */
  run: Pick<RunReference, 'pipeline' | 'run'>;
}

/** A failed record that was reset, as its workflow tells it the `merge` workflow. */
export interface ResetRecord {
  id: string;
  /** The workflow that waits for the outcome. */
  workflowId: string;
  /** Its execution: outcomes for another one do not concern it. */
  workflowRunId: string;
}

/** What has become of a record that was tried again. */
export interface RetryOutcome {
  workflowRunId: string;
  /** The retry that has tried it; null where none was needed or possible. */
  retry: string | null;
  /** null: it is in the output, or was filtered. */
  failure: { node: string; code: string; message: string; attempts: number } | null;
}

export interface RequestRetryInput {
  /** The run that the record has failed in; may be a retry. */
  run: RunReference;
  record: ResetRecord;
}

/** Some failed records of a run. */
export interface RecordsOfRun extends MergeWorkflowInput {
  ids: string[];
}

export type BegunRetry =
  | { state: 'begin'; workflowId: string; input: { planHash: string; runId: string; recordWorkflows: number; retry: RetryRequest } }
  /** Another retry of the run has not ended. */
  | { state: 'busy' }
  /** None of the records fails any more. */
  | { state: 'needless' };

/** Failures of records by their ids; those that fail no more are absent. */
export type RetryFailures = Record<string, NonNullable<RetryOutcome['failure']>>;
