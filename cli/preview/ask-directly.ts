import type { Plan } from '../../pipeline/plan.ts';

/** The plan for a look at a few records: models with `mode: batch`, whose answers come hours later, are asked by single calls. */
export function askDirectly(plan: Plan): Plan {
  const waiting = new Set(plan.nodes.flatMap((node, index) => (node.kind === 'llm' && node.waits === true ? [index] : [])));
  if (waiting.size === 0) return plan;
  const { parking = [], ...walk } = plan.walk;
  const parked = parking.filter((index) => !waiting.has(index));
  return {
    ...plan,
    walk: { ...walk, ...(parked.length === 0 ? {} : { parking: parked }) },
    nodes: plan.nodes.map((node) => {
      if (node.kind !== 'llm') return node;
      const { waits: _, ...direct } = node;
      return direct;
    }),
    models: Object.fromEntries(Object.entries(plan.models).map(([key, { batch: _, ...model }]) => [key, model])),
  };
}
