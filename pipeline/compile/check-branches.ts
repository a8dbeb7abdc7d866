import type { CompileContext } from './compile-context.ts';
import type { CompiledGraph } from './compiled-graph.ts';
import type { CompiledNode } from './compile-nodes.ts';
import { runsBeside } from './find-conflicts.ts';

/** Nodes that take a record away as a whole, and so cannot run while another branch of it is elsewhere. */
export function checkBranches(context: CompileContext, graph: CompiledGraph, nodes: readonly CompiledNode[]): void {
  const reasons = nodes.map(whyAlone);
  if (reasons.every((reason) => reason === null)) return;
  const beside = runsBeside(graph);
  for (const [index, reason] of reasons.entries()) {
    const other = beside[index]?.[0];
    if (reason === null || other === undefined) continue;
    const name = graph.names[index]!;
    context.report({
      code: 'NOT_ALONE',
      path: ['graph_config', 'nodes', name],
      target: { part: 'key' },
      message: `"${name}" ${reason}, and may run while another branch of the same record is at "${graph.names[other]!}"`,
      hint: 'Put it before the branches part, or after they have met.',
    });
  }
}

/** null for a node that may run beside other branches. */
function whyAlone({ plan, inner = [] }: CompiledNode): string | null {
  switch (plan?.kind) {
    case 'subgraph':
      return inner.map(whyAlone).find((reason) => reason !== null) ?? null;
    case 'fan_out':
      return 'turns a record into several';
    case 'lambda':
      return plan.rows ? 'turns a record into several' : null;
    case 'llm':
      return plan.samples.as === 'rows' ? 'turns a record into several' : null;
    case 'human_review':
      return 'lets a record wait outside its batch';
    case 'set':
      return plan.scope === 'run' ? 'lets a record wait for all others of the run' : null;
    default:
      return null;
  }
}
