import type { NodePlan } from './plan.ts';

/** What a node is, as the pipeline's author calls it; a node over a set says how far it sees. */
export function kindName(node: NodePlan): string {
  if (node.kind !== 'set') return node.kind;
  const { kind } = node.operation;
  const name = kind === 'function' ? 'set_function' : kind.startsWith('deduplicate_') ? 'deduplicate' : kind;
  return `${name} (${node.scope})`;
}

/** Keys into `Plan.models` of the models that a node asks, in the order of the file. */
export function modelsOf(node: NodePlan): string[] {
  switch (node.kind) {
    case 'llm':
    case 'agent':
      return [node.model];
    case 'multi_llm':
      return [...new Set(node.models.map(({ model }) => model))];
    case 'set':
      return 'model' in node.operation && node.operation.model !== null ? [node.operation.model] : [];
    default:
      return [];
  }
}
