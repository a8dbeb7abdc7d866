import { END, type Plan } from '../../../pipeline/plan.ts';
import { mergeMetrics, type NodeMetrics } from '../../../pipeline/metrics/node-metrics.ts';
import { subgraphOfStart } from '../../../pipeline/run-contract.ts';
import { decidingMetrics } from '../../sets/set-decisions.ts';
import type { Store } from '../../store/store.ts';
import type { RangeOfRun } from '../run-parts.ts';

/** A run, or a retry of it, which may have a plan of its own. */
export interface MeasuredLayer {
  folder: string;
  plan: Plan;
  ranges: readonly RangeOfRun[];
}

/** Of a node by its name; targets are names, too. */
export type NamedMetrics = Pick<NodeMetrics, 'models' | 'reusedFrom'> & { to: Record<string, number> };

export const START_NAME = 'START';
export const END_NAME = 'END';

/** What the nodes of a run and of its retries did, by name: what is in no accepted part is not counted. */
export async function collectMetrics(store: Store, layers: readonly MeasuredLayer[]): Promise<Map<string, NamedMetrics>> {
  const names: string[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (name: string): number => {
    const known = numbers.get(name) ?? names.push(name) - 1;
    numbers.set(name, known);
    return known;
  };
  // Nodes of several plans are told apart by their names, which are numbered anew.
  const sums = new Map<number, NodeMetrics>();
  for (const { folder, plan, ranges } of layers) {
    const found = ranges.flatMap(({ manifest }) => manifest?.metrics ?? []);
    for (const node of plan.nodes) {
      if (node.kind === 'set' && node.scope === 'run') found.push(...(await decidingMetrics(store, folder, node.name)));
    }
    const renumbered = found.map((metrics): NodeMetrics => {
      const to = Object.entries(metrics.to).map(([target, count]): [number, number] => [numberOf(nameOf(plan, Number(target))), count]);
      return { ...metrics, node: numberOf(nameOf(plan, metrics.node)), to: Object.fromEntries(to) };
    });
    mergeMetrics(sums, renumbered);
  }
  const named = [...sums.values()].map(({ node, to, models, reusedFrom }): [string, NamedMetrics] => [
    names[node] ?? '',
    { models, reusedFrom, to: Object.fromEntries(Object.entries(to).map(([target, count]) => [names[Number(target)] ?? '', count])) },
  ]);
  return new Map(named);
}

function nameOf(plan: Plan, node: number): string {
  if (node === END) return END_NAME;
  const outer = subgraphOfStart(node);
  return outer === null ? (plan.nodes[node]?.name ?? START_NAME) : `${plan.nodes[outer]?.name ?? outer}/${START_NAME}`;
}
