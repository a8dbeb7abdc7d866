/** Targets of each node by index; negative targets (END) are passed over. */
export type Successors = readonly (readonly number[])[];

export interface ForwardGraph {
  /** Successors without the back edges of loops: a graph without cycles. */
  successors: number[][];
  /** For each node the nodes that it can still reach, ascending, back edges not counted, itself left out. */
  reach: number[][];
}

/**
 * Takes the back edges out of a graph: those that lead to a node which is still open in a
 * depth-first walk from START that takes targets in plan order. Nodes that START does not reach are
 * walked last, so that every node has its row.
 */
export function forwardGraph(start: readonly number[], graph: Successors): ForwardGraph {
  const successors: number[][] = graph.map(() => []);
  const reach: (Set<number> | undefined)[] = graph.map(() => undefined);
  const open = new Set<number>();
  // An explicit stack: a chain of nodes may be longer than the call stack is deep.
  const stack: { node: number; targets: number[] }[] = [];
  const enter = (node: number): void => {
    open.add(node);
    stack.push({ node, targets: sortedTargets(graph[node]!) });
  };
  for (const root of [...sortedTargets(start), ...graph.keys()]) {
    if (reach[root] === undefined) enter(root);
    while (stack.length > 0) {
      const frame = stack.at(-1)!;
      const target = frame.targets.shift();
      if (target === undefined) {
        reach[frame.node] = united(successors[frame.node]!, reach);
        open.delete(frame.node);
        stack.pop();
      } else if (!open.has(target)) {
        successors[frame.node]!.push(target);
        if (reach[target] === undefined) enter(target);
      }
    }
  }
  return { successors, reach: reach.map((row) => [...row!].sort((left, right) => left - right)) };
}

/** Nodes that can be reached from the given ones over all edges, those included. */
export function reachableFrom(start: readonly number[], graph: Successors): Set<number> {
  const reached = new Set<number>();
  const waiting = start.filter((node) => node >= 0);
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (reached.has(node)) continue;
    reached.add(node);
    waiting.push(...graph[node]!.filter((target) => target >= 0));
  }
  return reached;
}

function sortedTargets(targets: readonly number[]): number[] {
  return [...new Set(targets)].filter((target) => target >= 0).sort((left, right) => left - right);
}

function united(targets: readonly number[], reach: readonly (Set<number> | undefined)[]): Set<number> {
  const all = new Set<number>(targets);
  for (const target of targets) for (const node of reach[target]!) all.add(node);
  return all;
}
