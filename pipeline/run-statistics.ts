/** Every record of a run ends in exactly one of these. */
export interface RecordCounts {
  written: number;
  failed: number;
  /** A node or the output generator said that the record makes no row. */
  filtered: number;
  /** Records that have come into being within the run: one that becomes three adds two. */
  spawned: number;
  /** Unfinished because the run was cancelled. */
  cancelled: number;
  /** Rows in the output; a record may make several. */
  rows: number;
}

/** What one node did, over a batch, a range or a run. Sums are exact: only accepted attempts count. */
export interface NodeStatistics {
  records: number;
  failed: number;
  /** Model calls that were answered in this run. */
  calls: number;
  /** Answers taken from the journal of this run's earlier attempts or of earlier runs. */
  reused: number;
  /** Calls that failed and were repeated or given up. */
  failedCalls: number;
  promptTokens: number;
  completionTokens: number;
  truncated: number;
  refused: number;
  empty: number;
  /** Dollars; null when the price of a model that was called is unknown. */
  cost: number | null;
  /** Tools that were called in this run, and those of them that answered with an error. Absent: none. */
  toolCalls?: number;
  toolErrors?: number;
}

export function emptyCounts(): RecordCounts {
  return { written: 0, failed: 0, filtered: 0, spawned: 0, cancelled: 0, rows: 0 };
}

export function addCounts(left: RecordCounts, right: RecordCounts): RecordCounts {
  return {
    written: left.written + right.written,
    failed: left.failed + right.failed,
    filtered: left.filtered + right.filtered,
    spawned: left.spawned + right.spawned,
    cancelled: left.cancelled + right.cancelled,
    rows: left.rows + right.rows,
  };
}

export function emptyStatistics(): NodeStatistics {
  return {
    records: 0, failed: 0, calls: 0, reused: 0, failedCalls: 0, promptTokens: 0, completionTokens: 0,
    truncated: 0, refused: 0, empty: 0, cost: 0,
  };
}

export function addStatistics(left: NodeStatistics, right: NodeStatistics): NodeStatistics {
  return {
    records: left.records + right.records,
    failed: left.failed + right.failed,
    calls: left.calls + right.calls,
    reused: left.reused + right.reused,
    failedCalls: left.failedCalls + right.failedCalls,
    promptTokens: left.promptTokens + right.promptTokens,
    completionTokens: left.completionTokens + right.completionTokens,
    truncated: left.truncated + right.truncated,
    refused: left.refused + right.refused,
    empty: left.empty + right.empty,
    cost: left.cost === null || right.cost === null ? null : left.cost + right.cost,
    ...added('toolCalls', left, right),
    ...added('toolErrors', left, right),
  };
}

/** Adds to `sum` itself, for what is counted call by call. */
export function increaseStatistics(sum: NodeStatistics, more: Partial<NodeStatistics>): void {
  const { cost = 0, ...counts } = more;
  sum.cost = sum.cost === null || cost === null ? null : sum.cost + cost;
  for (const key of Object.keys(counts) as (keyof typeof counts)[]) sum[key] = (sum[key] ?? 0) + (counts[key] ?? 0);
}

function added(key: 'toolCalls' | 'toolErrors', left: NodeStatistics, right: NodeStatistics): Partial<NodeStatistics> {
  const sum = (left[key] ?? 0) + (right[key] ?? 0);
  return sum === 0 ? {} : { [key]: sum };
}
