import type { RetrySummary } from './retry-contract.ts';
import type { RunControl } from './run-control.ts';
import type { PauseCause, RunStatus } from './run-status.ts';
import type { NodeStatistics, RecordCounts } from './run-statistics.ts';

export interface RunSummary {
  status: RunStatus;
  output: string | null;
  failedRecords: string | null;
  counts: RecordCounts & { total: number };
  /** Of a run that draws candidates until enough are accepted. */
  target?: { wanted: number; accepted: number; candidates: number };
  /** Of the workflow that has tagged the output, where one was asked for. */
  quality?: {
    workflowId: string;
    output: string | null;
    status: RunStatus;
    /** Absent: it was cancelled. */
    counts?: RecordCounts & { total: number };
  };
  /** Of a run whose rows became OASST rows. */
  oasst?: OasstSummary;
  /** Why the run has stopped before its end: budget, tokens, or time. */
  stop?: PauseCause;
  nodes: Record<string, NodeStatistics>;
  /** Of its own executions and its retries. */
  seconds: number;
  /** Of a run whose failed records were tried again: counts and nodes include them. */
  retries?: RetrySummary[];
  /** Of a retry: the run that it belongs to, and how that stands now. */
  retryOf?: { run: string; status: RunStatus; counts: RecordCounts & { total: number } };
}

export interface OasstSummary {
  output: string;
  /** Rows that could not be converted, with reasons; null where there are none. */
  failedRecords: string | null;
  /** Rows of the run, those of them that could not be converted, and OASST rows that were written. */
  records: number;
  failed: number;
  rows: number;
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
  /** Records that have come to where they wait for others, for a provider's batches, or for a human. Absent: none. */
  waiting?: number;
  /** Those of them that wait for a human. */
  reviews: number;
  /** The workflow that tags what the run has written, while it does. */
  tagging?: string;
  /** What was changed since the run was started. Absent: nothing. */
  control?: RunControl;
}
