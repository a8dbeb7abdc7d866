import { END, type NodePlan, type RoutePlan } from '../../plan.ts';
import type { Level } from './compile-level.ts';

/** A graph with its place in the plan's list of nodes. */
export interface PlacedLevel {
  level: Level;
  /** Index of its first node. */
  offset: number;
  /** Indexes of its subgraph nodes, with the levels that they lead to. */
  subgraphs: { node: number; inner: PlacedLevel }[];
}

/** Nodes of a subgraph stand behind all of the graphs around it; the pipeline's own come first. */
export function placeLevels(outermost: Level): PlacedLevel[] {
  const first: PlacedLevel = { level: outermost, offset: 0, subgraphs: [] };
  const placed = [first];
  let end = outermost.graph.names.length;
  for (const outer of placed) {
    for (const [index, level] of outer.level.subgraphs) {
      const inner: PlacedLevel = { level, offset: end, subgraphs: [] };
      end += level.graph.names.length;
      outer.subgraphs.push({ node: outer.offset + index, inner });
      placed.push(inner);
    }
  }
  return placed;
}

/** All nodes of a plan, with routes over all of them. Nodes that could not be compiled are left out. */
export function flattenNodes(placed: readonly PlacedLevel[]): NodePlan[] {
  return placed.flatMap(({ level, offset, subgraphs }) =>
    level.nodes.flatMap(({ plan }, index): NodePlan[] => {
      if (plan === null) return [];
      const route = shiftRoute(plan.route, offset);
      if (plan.kind !== 'subgraph') return [{ ...plan, route }];
      const inner = subgraphs.find((subgraph) => subgraph.node === offset + index)!.inner;
      return [{ ...plan, route, start: shiftRoute(plan.start, inner.offset) }];
    }),
  );
}

export function shiftTargets(targets: readonly number[], offset: number): number[] {
  return targets.map((target) => (target === END ? END : target + offset));
}

function shiftRoute({ always, conditions }: RoutePlan, offset: number): RoutePlan {
  return {
    always: shiftTargets(always, offset),
    conditions: conditions.map(({ paths, ...condition }) => ({
      ...condition,
      paths: Object.fromEntries(Object.entries(paths).map(([answer, targets]) => [answer, shiftTargets(targets, offset)])),
    })),
  };
}
