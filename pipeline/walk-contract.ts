import type { WalkTable } from './walk-plan.ts';
import type { PauseCause } from './run-status.ts';
import type { RunReference } from './run-reference.ts';
import type { NodeStatistics } from './run-statistics.ts';

export interface SubgraphInput {
  run: RunReference;
  root: string;
  walk: WalkTable;
  range: number;
  batch: number;
  /** The subgraph's node. */
  node: number;
  groups: RecordGroup[];
  firstChild: number;
  /** Behind the last position that records may get. */
  endChild?: number;
  /** Other branches of these records are under way outside. Default: no. */
  isBeside?: boolean;
  /** Goes before the names of the results of this walk, which share a folder with the batch's. */
  prefix: string;
  phase: number;
  epoch: number;
}

export interface SubgraphResult {
  /** Records that came to the END of the subgraph, by the group that they came in with. */
  finished: { group: number; records: string; results: string[] }[];
  overVisited: OverVisited[];
  failedIn: string[];
  filtered: number;
  /** Records that were taken out of one of several branches. Absent: none. */
  filteredBeside?: string;
  spawned: number;
  /** No record has this position, nor any above. */
  nextPosition: number;
  /** Of the nodes within, by index. */
  nodes: [number, NodeStatistics][];
  /** Results of the activities within, all that were accepted. Absent: of a worker that did not say. */
  accepted?: string[];
  /** Sequence that the activity which asks where records go from here may use. */
  nextSequence: number;
}

/** Records that came to a node more often than the plan allows. */
export interface OverVisited {
  records: string;
  node: number;
  history: string[];
}

/** A walk through a graph, as it stands: kept while records wait. */
export interface WalkSnapshot {
  cohorts: CohortSnapshot[];
  nextSequence: number;
  nextPosition: number;
  overVisited: OverVisited[];
  failedIn: string[];
  filtered: number;
  /** Records that were taken out of one of several branches. Absent: none. */
  filteredBeside?: string;
  spawned: number;
}

export interface CohortSnapshot {
  records: string;
  tokens: { node: number; history: HistoryEntry[] }[];
  visits: [number, number][];
  origin: number;
  outer: string;
}

/** Results that one activity, or one subgraph, has added to the state of records. */
export interface HistoryEntry {
  sequence: number;
  node: number;
  /** Length of the longest way that led here. */
  depth: number;
  /** In causal order. */
  results: string[];
}

/** A batch whose records wait: where its walk stands, and what its nodes did so far. */
export interface ParkedWalk {
  walk: WalkSnapshot;
  nodes: NodeStatistics[];
  /** Results of activities that were accepted so far. Absent: of a worker that did not say. */
  accepted?: string[];
}

export interface RunNodeInput {
  run: RunReference;
  range: number;
  batch: number;
  node: number;
  /** Number of this activity within its walk; with the prefix it names its files. */
  sequence: number;
  prefix?: string;
  groups: RecordGroup[];
  /** Position for the first record that the node brings into being. */
  firstChild: number;
  phase: number;
  epoch: number;
}

/** Records that share a past: the results that make up their state, in causal order. */
export interface RecordGroup {
  /** As `encodeRecords` writes them; positions within the batch. */
  records: string;
  /** Results accepted so far on the way of these records. */
  history: string[];
  /** Within a subgraph: the visits of the subgraphs around it and its own, joined by dots. */
  visit: number | string;
}

/** Records that one record may become at one node. */
export const MOST_CHILDREN = 1_000;

/** Index into `Plan.nodes` of the pseudo node that asks the conditions of START. */
export const START_NODE = -2;

/** The pseudo node that asks the conditions of a subgraph's START. */
export function startNodeOf(subgraph: number): number {
  return START_NODE - 1 - subgraph;
}

/** The subgraph whose START a pseudo node stands for; null for the START of the graph, and for real nodes. */
export function subgraphOfStart(node: number): number | null {
  return node < START_NODE ? START_NODE - 1 - node : null;
}

/** Characters of `NodeResult.routes`; targets follow from `0` on. */
export const FAILED_ROUTE = '!';
export const UNFINISHED_ROUTE = '-';
export const FILTERED_ROUTE = '.';
export const FIRST_TARGET_ROUTE = '0';

export interface NodeResult {
  /** The result file of the attempt that Temporal accepted. */
  result: string;
  /** Distinct sets of targets. */
  targets: number[][];
  /**
   * One character a record in the order of the input's groups: `0` + index into targets, `!` failed,
   * `-` not finished because of cancellation, `.` filtered. Absent: all records go to targets[0].
   */
  routes?: string;
  /** What each record has become: that many records, each with a character of its own, or -1 for itself. Absent: all themselves. */
  children?: number[];
  statistics: NodeStatistics;
  /** The run has come to its cap while records were waiting for a call: these are unfinished. */
  stop?: PauseCause;
}
