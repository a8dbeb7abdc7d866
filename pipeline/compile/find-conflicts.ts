import type { RoutePlan } from '../plan.ts';
import type { CompiledGraph } from './compiled-graph.ts';

export interface WriteConflict {
  /** Indexes of nodes, in plan order. */
  first: number;
  second: number;
  key: string;
}

/** Several nodes may write a conversation at the same time: it is appended to in plan order. */
const SHARED_KEYS = new Set(['messages', '__chat_history__']);

/** Places at which two branches of one record may stand at the same time. */
interface PlacePair {
  first: number;
  second: number;
  /** The node there runs only once the other branch has arrived or ended. */
  firstWaits: boolean;
  secondWaits: boolean;
}

/** Keys that two branches of one record may write while both are active. */
export function findConflicts(graph: CompiledGraph, writes: readonly (readonly string[])[]): WriteConflict[] {
  return placePairs(graph)
    .filter((pair) => !pair.firstWaits && !pair.secondWaits)
    .flatMap(({ first, second }) => sharedKeys(first, second, writes))
    .sort((left, right) => left.second - right.second || left.first - right.first);
}

/**
 * For each node the nodes at which another branch of the same record may stand while the node runs,
 * or may wait for it, ascending. Empty where a record is always in one piece when it comes there.
 */
export function runsBeside(graph: CompiledGraph): number[][] {
  const beside = graph.names.map(() => new Set<number>());
  for (const { first, second, firstWaits, secondWaits } of placePairs(graph)) {
    if (!firstWaits) beside[first]!.add(second);
    if (!secondWaits) beside[second]!.add(first);
  }
  return beside.map((others) => [...others].sort((left, right) => left - right));
}

/**
 * Two branches begin where a route has two targets that can be taken together, and end where they
 * meet. So pairs of places are followed from each fork on: of a pair, the place that can still
 * reach the other moves first, since a join waits for it; a pair that meets is one branch again.
 * Targets of one condition exclude each other. Back edges of loops are not followed.
 */
function placePairs(graph: CompiledGraph): PlacePair[] {
  const { successors } = graph;
  const reach = graph.reach.map((row) => new Set(row));
  const size = successors.length;
  const seen = new Set<number>();
  const waiting: [number, number][] = [];
  const pairs: PlacePair[] = [];
  const visit = (one: number, other: number): void => {
    if (one === other) return;
    const pair: [number, number] = one < other ? [one, other] : [other, one];
    const key = pair[0] * size + pair[1];
    if (seen.has(key)) return;
    seen.add(key);
    waiting.push(pair);
  };
  const forks: [RoutePlan, (target: number) => boolean][] = [[graph.startRoute, (target) => target >= 0]];
  for (const [index, route] of graph.routes.entries())
    forks.push([route, (target) => successors[index]!.includes(target)]);
  for (const [route, isForward] of forks)
    for (const [one, other] of forkPairs(route)) if (isForward(one) && isForward(other)) visit(one, other);
  for (let pair = waiting.pop(); pair !== undefined; pair = waiting.pop()) {
    const [first, second] = pair;
    const firstWaits = reach[second]!.has(first);
    const secondWaits = reach[first]!.has(second);
    pairs.push({ first, second, firstWaits, secondWaits });
    if (!firstWaits) for (const next of successors[first]!) visit(next, second);
    if (!secondWaits) for (const next of successors[second]!) visit(first, next);
  }
  return pairs;
}

/** Whether a record can ever be in two branches at once. */
export function fansOut(graph: Pick<CompiledGraph, 'startRoute' | 'routes'>): boolean {
  return [graph.startRoute, ...graph.routes].some((route) => forkPairs(route).length > 0);
}

/** Pairs of targets that one record may take both of. */
function forkPairs(route: RoutePlan): [number, number][] {
  const groups = [
    ...route.always.map((target) => [target]),
    ...route.conditions.map(({ paths }) => [...new Set(Object.values(paths).flat())]),
  ];
  const across = groups.flatMap((group, index) =>
    groups
      .slice(index + 1)
      .flatMap((other) => group.flatMap((one) => other.map((two): [number, number] => [one, two]))),
  );
  const within = route.conditions
    .flatMap(({ paths }) => Object.values(paths))
    .flatMap((list) => list.flatMap((one, index) => list.slice(index + 1).map((two): [number, number] => [one, two])));
  return [...across, ...within];
}

function sharedKeys(first: number, second: number, writes: readonly (readonly string[])[]): WriteConflict[] {
  return writes[first]!.filter((key) => !SHARED_KEYS.has(key) && writes[second]!.includes(key)).map((key) => ({
    first,
    second,
    key,
  }));
}
