import { kindName, modelsOf } from './describe-node.ts';
import { END, type NodePlan, type Plan, type RoutePlan, type SubgraphNodePlan } from './plan.ts';
import { reachableFrom } from './reachability.ts';

/**
 * The plan's graph as a Mermaid flowchart. Dotted arrows are those of conditions, with their
 * answers. A subgraph is a box with its nodes inside.
 */
export function renderMermaid(plan: Plan): string {
  const targets = plan.nodes.map(({ route }) => routeTargets(route));
  const inside = new Map<number, number[]>();
  for (const [index, node] of plan.nodes.entries())
    if (node.kind === 'subgraph') inside.set(index, [...reachableFrom(routeTargets(node.start), targets)].sort((left, right) => left - right));
  const inner = new Set([...inside.values()].flat());

  function draw(index: number, indent: string): string[] {
    const node = plan.nodes[index]!;
    if (node.kind !== 'subgraph') return [`${indent}n${index}${shape(node)}`];
    return [
      `${indent}subgraph n${index}["${escape(node.name)}"]`,
      `${indent}  n${index}s([START])`,
      ...inside.get(index)!.flatMap((child) => draw(child, `${indent}  `)),
      `${indent}  n${index}e([END])`,
      `${indent}end`,
    ];
  }

  const outer = [...plan.nodes.keys()].filter((index) => !inner.has(index));
  const ends = new Map([...inside].flatMap(([box, nodes]) => nodes.map((node): [number, string] => [node, `n${box}e`])));
  const lines = [
    'flowchart TD',
    '  START([START])',
    ...outer.flatMap((index) => draw(index, '  ')),
    '  END_([END])',
    ...arrows({ from: 'START', route: plan.start, end: 'END_' }),
    ...plan.nodes.flatMap(({ route }, index) => arrows({ from: `n${index}`, route, end: ends.get(index) ?? 'END_' })),
    ...[...inside.keys()].flatMap((index) => {
      const { start } = plan.nodes[index] as SubgraphNodePlan;
      return arrows({ from: `n${index}s`, route: start, end: `n${index}e` });
    }),
  ];
  return `${lines.join('\n')}\n`;
}

function routeTargets({ always, conditions }: RoutePlan): number[] {
  return [...always, ...conditions.flatMap(({ paths }) => Object.values(paths).flat())];
}

function shape(node: NodePlan): string {
  const models = modelsOf(node);
  const detail = models.length === 0 ? kindName(node) : `${kindName(node)}: ${models.join(', ')}`;
  const label = `"${escape(node.name)}<br/><small>${escape(detail)}</small>"`;
  if (node.kind === 'llm' || node.kind === 'agent' || node.kind === 'multi_llm') return `[${label}]`;
  return node.kind === 'lambda' ? `[[${label}]]` : `[/${label}/]`;
}

/** `end` is what END means for the graph that the arrows belong to. */
function arrows({ from, route, end }: { from: string; route: RoutePlan; end: string }): string[] {
  const nodeId = (target: number): string => (target === END ? end : `n${target}`);
  const plain = route.always.map((target) => `  ${from} --> ${nodeId(target)}`);
  const conditional = route.conditions.flatMap(({ paths }) =>
    Object.entries(paths).flatMap(([answer, targets]) =>
      targets.map((target) => `  ${from} -. "${escape(answer)}" .-> ${nodeId(target)}`),
    ),
  );
  return [...plain, ...conditional];
}

/** Mermaid reads `#…;` as an entity; names may hold anything. */
function escape(text: string): string {
  return text.replace(/[^\p{L}\p{N} _.,:/@+-]/gu, (character) => `#${character.codePointAt(0)!};`);
}
