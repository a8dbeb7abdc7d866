import type { CompileContext } from '../compile-context.ts';
import type { CompiledGraph } from '../compiled-graph.ts';
import type { CompiledNode } from '../compile-nodes.ts';

/** A subgraph is a child of its batch, so no record can leave the batch while it is in one. */
export function refuseWaiting(context: CompileContext, graph: CompiledGraph, nodes: readonly CompiledNode[]): void {
  for (const [index, { plan }] of nodes.entries()) {
    const waits = plan?.kind === 'human_review' || (plan?.kind === 'llm' && plan.waits === true) || (plan?.kind === 'set' && plan.scope === 'run');
    if (!waits) continue;
    const name = graph.names[index]!;
    context.report({
      code: 'WRONG_VALUE',
      path: ['graph_config', 'nodes', name],
      target: { part: 'key' },
      message: `"${name}" lets records wait outside their batch, which is not possible inside a subgraph`,
      hint: 'Put this node into the graph that the subgraph is used in, before or after it.',
    });
  }
}
