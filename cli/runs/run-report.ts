import type { RunDescription } from '../../activities/run/run-files.ts';
import type { RunStatus, RunSummary } from '../../pipeline/run-contract.ts';
import type { NodeStatistics } from '../../pipeline/run-statistics.ts';
import type { LiveTotals } from './read-live.ts';
import { workflowIdOf, type RunName } from './run-name.ts';

/** The object that `run --json` ends with. */
export interface RunJson {
  /** Last part of the workflow's id; `<pipeline>/<run>` names it everywhere. */
  runId: string;
  status: RunStatus;
  /** Absolute path; null where nothing was written. */
  output: string | null;
  failedRecords: string | null;
  /** `done`: finished without failure. While a run is unfinished, `total` is what is known so far. */
  counts: { total: number; done: number; failed: number };
  /** Answers paid for in this run. */
  modelCalls: number;
  /** Prompt and completion. */
  tokens: number;
  /** Since the command was started. */
  seconds: number;
  temporalUi: string | null;
  /** Answers taken from the journal of earlier runs or attempts. */
  reused: number;
  /** Dollars; null where the price of a model is unknown. */
  cost: number | null;
  /** Only of runs with a target: rows wanted and accepted, and candidates drawn. */
  target?: NonNullable<RunSummary['target']>;
  /** Only of runs whose rows became OASST rows. */
  oasst?: NonNullable<RunSummary['oasst']>;
  /** Only of retries: the run that they belong to, and how it stands now. */
  retryOf?: NonNullable<RunSummary['retryOf']>;
}

/** A run at its end, or where it has come to. */
export interface RunReport {
  name: string;
  json: RunJson;
  nodes: Record<string, NodeStatistics>;
  /** Counts beyond those of the JSON. */
  rows: number | null;
  filtered: number;
  cancelled: number;
  simulatedModels: string[];
  /** Files of the other sinks, where the output has been written. */
  moreOutputs: string[];
  /** The Temporal server, and with it the UI, outlives the command. */
  serverStays: boolean;
  reusedFrom: Record<string, number>;
  quality: NonNullable<RunSummary['quality']> | null;
  /** Absent: `pipeline`. */
  workflowType?: string;
  /** File beside the output; null where there is none. */
  metadata: string | null;
}

export function reportOf(options: {
  name: RunName;
  status: RunStatus;
  summary: RunSummary | null;
  description: RunDescription | null;
  live: LiveTotals;
  temporalUi: string | null;
  /** Since the command was started. */
  seconds: number;
  serverStays: boolean;
}): RunReport {
  const { name, status, summary, description, live, temporalUi } = options;
  const nodes: Record<string, NodeStatistics> = summary?.nodes ?? live.nodes;
  const list = Object.values(nodes);
  const sum = (pick: (node: NodeStatistics) => number): number => list.reduce((total, node) => total + pick(node), 0);
  const counts = summary?.counts;
  return {
    name: workflowIdOf(name),
    json: {
      runId: name.run,
      status,
      output: summary?.output ?? null,
      failedRecords: summary?.failedRecords ?? null,
      counts: {
        total: (counts?.total ?? 0) + (counts?.spawned ?? 0),
        done: counts === undefined ? 0 : counts.written + counts.filtered,
        failed: counts?.failed ?? sum((node) => node.failed),
      },
      modelCalls: sum((node) => node.calls),
      tokens: sum((node) => node.promptTokens + node.completionTokens),
      seconds: Math.round(1000 * (options.seconds)) / 1000,
      temporalUi,
      reused: sum((node) => node.reused),
      cost: list.some((node) => node.cost === null) ? null : sum((node) => node.cost ?? 0),
      ...(summary?.target === undefined ? {} : { target: summary.target }),
      ...(summary?.oasst === undefined ? {} : { oasst: summary.oasst }),
      ...(summary?.retryOf === undefined ? {} : { retryOf: summary.retryOf }),
    },
    nodes,
    rows: counts?.rows ?? null,
    filtered: counts?.filtered ?? 0,
    cancelled: counts?.cancelled ?? 0,
    moreOutputs: summary?.output == null ? [] : (description?.outputs ?? []).map(({ path }) => path).filter((path) => path !== summary.output),
    simulatedModels: description?.simulatedModels ?? [],
    serverStays: options.serverStays,
    reusedFrom: live.reusedFrom,
    quality: summary?.quality ?? null,
    ...(description?.workflowType === undefined ? {} : { workflowType: description.workflowType }),
    metadata: summary?.output == null ? null : (description?.metadata ?? null),
  };
}
