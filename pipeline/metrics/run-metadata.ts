import type { JsonObject } from '../json.ts';
import type { RecordCounts } from '../run-statistics.ts';

/** Seconds. As SyGra's `latency_statistics`; null where nothing was measured. Percentiles are right to 1 %. */
export interface LatencyFigures {
  count: number;
  min: number | null;
  max: number | null;
  mean: number | null;
  median: number | null;
  std_dev: number | null;
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

export interface TokenFigures {
  total_prompt_tokens: number;
  total_completion_tokens: number;
  total_tokens: number;
  /** Of the prompt tokens, those that the provider had in its cache. */
  total_cached_tokens: number;
  /** Of the completion tokens, those that were reasoning, where the provider says so. */
  total_reasoning_tokens: number;
}

export interface AverageTokens {
  avg_prompt_tokens: number;
  avg_completion_tokens: number;
  avg_total_tokens: number;
}

/** Dollars. */
export interface CostFigures {
  /** null where calls were made whose price nobody knows: that is not the same as nothing. */
  total_cost_usd: number | null;
  /** What reused answers of earlier runs would have cost; null as above. */
  saved_cost_usd: number | null;
}

/** Attempts are all calls that were sent; those that failed are in `total_failures`, and those of them that were made again in `total_retries`. */
export interface RequestFigures {
  total_requests: number;
  total_retries: number;
  total_failures: number;
  retry_rate: number;
  failure_rate: number;
  /** Answers that were taken from the journal of earlier runs instead. */
  total_reused: number;
}

export interface ModelMetadata {
  model_name: string;
  model_type: string;
  model_id: string;
  /** The provider's names of what has answered, with counts. */
  answered_by: Record<string, number>;
  token_statistics: TokenFigures & AverageTokens;
  performance: RequestFigures & {
    total_latency_seconds: number;
    average_latency_seconds: number | null;
    /** Completion tokens by the seconds that calls have taken. */
    tokens_per_second: number | null;
    latency_statistics: LatencyFigures;
  };
  cost: CostFigures & {
    average_cost_per_request: number | null;
    /** Dollars per million tokens that were reckoned with; null: unknown. */
    price: { input: number; output: number; cached: number } | null;
  };
  response_code_distribution: Record<string, number>;
  parameters: JsonObject;
}

export interface NodeMetadata {
  node_name: string;
  node_type: string;
  /** Of an llm or agent node. */
  model_name: string | null;
  /** By model, where the node has asked any. */
  models: string[];
  /** Records that came here, visits of loops counted each. */
  total_executions: number;
  total_failures: number;
  failure_rate: number;
  /** Records that went on from here, by target; `END` among them. */
  records_to: Record<string, number>;
  /** Of the node's model calls. */
  total_latency_seconds: number;
  average_latency_seconds: number | null;
  latency_statistics: LatencyFigures;
  requests: RequestFigures;
  cost?: CostFigures & { average_cost_per_execution: number | null };
  token_statistics?: TokenFigures & AverageTokens;
  tool_calls?: { total: number; errors: number };
  answers: { truncated: number; refused: number; empty: number };
  failures_by_type: Record<string, number>;
}

/** `<output>.metadata.json`: SyGra's layout, with more in it. */
export interface RunMetadata {
  metadata_version: '1.0.0';
  generated_at: string;
  execution: {
    task_name: string;
    /** The run's id; it names the output, too. */
    run_name: string;
    pipeline: string;
    status: string;
    output_dir: string | null;
    output: string | null;
    failed_records: string | null;
    batch_size: number | null;
    concurrency: number;
    seed: number;
    plan_hash: string;
    /** Models that were answered by the built-in simulation. */
    simulated_models: string[];
    timing: { start_time: string; end_time: string; duration_seconds: number };
    environment: { syngraph_version: string; node_version: string; platform: string };
    git: { commit_hash: string; branch: string | null; is_dirty: boolean } | null;
    /** Runs that have tried failed records again: what they did is counted here. */
    retries: string[];
  };
  dataset: {
    source_type: string;
    source_path: string | null;
    num_records_processed: number;
    start_index: number;
    /** The commit of a dataset on the Hub. */
    dataset_version: string | null;
    /** sha256 of a file; of joined sources, of their versions. */
    dataset_hash: string | null;
    sources?: Record<string, { source_path: string; version: string; join_type: string }>;
  };
  aggregate_statistics: {
    records: RecordCounts & { total: number; total_processed: number; total_failed: number; success_rate: number };
    tokens: TokenFigures;
    requests: RequestFigures;
    cost: CostFigures & {
      /** Of the calls whose price is known. */
      known_cost_usd: number;
      average_cost_per_record: number | null;
      /** Day of the price table. */
      prices_date: string;
      models_without_price: string[];
    };
    latency_statistics: LatencyFigures;
    throughput: { records_per_second: number; completion_tokens_per_second: number };
    response_code_distribution: Record<string, number>;
    failures_by_type: Record<string, number>;
    /** Answers by the earlier run that they were taken from. */
    reused_from: Record<string, number>;
  };
  models: Record<string, ModelMetadata>;
  nodes: Record<string, NodeMetadata>;
  /** Records by the node that they began with. */
  start: Record<string, number>;
  /** Model calls by their duration: upper ends in seconds, ascending. */
  latency_histogram: { up_to: number; count: number }[];
}
