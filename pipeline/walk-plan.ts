import type { FunctionReference } from './code-plan.ts';

/** The edge target that ends a branch. Other targets are indexes into `Plan.nodes`. */
export const END = -1;

/** The little of a plan that workflows see. At most 10 kB as JSON. */
export interface WalkTable {
  /** Node names in plan order, which is the order of the YAML file. */
  nodes: string[];
  /** Unconditional targets of START, or null where a condition decides and an activity must be asked. */
  start: number[] | null;
  /**
   * `reach[i]` lists the nodes that node i can still reach, back edges of loops not counted. Empty
   * rows where no node fans out: a record then has one branch, which waits for no other.
   */
  reach: number[][];
  /** A record that visits one node more often than this has failed. */
  maxVisits: number;
  /** Nodes that are child workflows, by index. Absent: none. */
  subgraphs?: SubgraphWalk[];
  /** Nodes that see all records of a batch: they wait until none of its records can still come. Absent: none. */
  gathering?: number[];
  /** Nodes that may make several records of one, and subgraphs that hold one. Absent: none. */
  splitting?: number[];
  /** Nodes where records leave their batch and wait: for all records of the run, or for a human. Absent: none. */
  parking?: number[];
}

export interface SubgraphWalk {
  node: number;
  /** Unconditional targets of the subgraph's START, or null where a condition decides. */
  start: number[] | null;
  /** Unconditional targets of the node itself, or null where a condition decides. */
  next: number[] | null;
}

/** Where a record goes after a node. Every condition is asked; targets are united. */
export interface RoutePlan {
  always: number[];
  conditions: ConditionPlan[];
}

export interface ConditionPlan {
  function: FunctionReference;
  /** Answer of the function to its targets; several where the YAML gives a list. */
  paths: Record<string, number[]>;
}
