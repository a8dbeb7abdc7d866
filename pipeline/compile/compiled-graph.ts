import type { RoutePlan } from '../plan.ts';

/** The graph of the active nodes, by index into `names`, which is the order of the file. */
export interface CompiledGraph {
  names: string[];
  startRoute: RoutePlan;
  routes: RoutePlan[];
  /** All targets of START and of each node, END included. */
  start: number[];
  targets: number[][];
  /** Nodes with an edge that leads nowhere, which has been reported. */
  broken: ReadonlySet<number>;
  startBroken: boolean;
  /** Without the back edges of loops. */
  successors: number[][];
  reach: number[][];
}
