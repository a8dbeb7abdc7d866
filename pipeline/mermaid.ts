import { END, type NodePlan, type Plan, type RoutePlan } from './plan.ts';

/** The plan's graph as a Mermaid flowchart. Dotted arrows are those of conditions, with their answers. */
export function renderMermaid(plan: Plan): string {
  const lines = ['flowchart TD', '  START([START])'];
  for (const [index, node] of plan.nodes.entries()) lines.push(`  n${index}${shape(node)}`);
  lines.push('  END_([END])');
  lines.push(...arrows('START', plan.start));
  for (const [index, node] of plan.nodes.entries()) lines.push(...arrows(`n${index}`, node.route));
  return `${lines.join('\n')}\n`;
}

function shape(node: NodePlan): string {
  const detail = node.kind === 'llm' ? `llm: ${node.model}` : node.kind;
  const label = `"${escape(node.name)}<br/><small>${escape(detail)}</small>"`;
  if (node.kind === 'llm') return `[${label}]`;
  return node.kind === 'lambda' ? `[[${label}]]` : `[/${label}/]`;
}

function arrows(from: string, route: RoutePlan): string[] {
  const plain = route.always.map((target) => `  ${from} --> ${nodeId(target)}`);
  const conditional = route.conditions.flatMap(({ paths }) =>
    Object.entries(paths).flatMap(([answer, targets]) =>
      targets.map((target) => `  ${from} -. "${escape(answer)}" .-> ${nodeId(target)}`),
    ),
  );
  return [...plain, ...conditional];
}

function nodeId(target: number): string {
  return target === END ? 'END_' : `n${target}`;
}

/** Mermaid reads `#…;` as an entity; names may hold anything. */
function escape(text: string): string {
  return text.replace(/[^\p{L}\p{N} _.,:/@+-]/gu, (character) => `#${character.codePointAt(0)!};`);
}
