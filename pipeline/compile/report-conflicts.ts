import type { CompileContext } from './compile-context.ts';
import type { CompiledGraph } from './compiled-graph.ts';
import type { CompiledNode } from './compile-nodes.ts';
import { findConflicts } from './find-conflicts.ts';

export function reportConflicts(context: CompileContext, graph: CompiledGraph, nodes: CompiledNode[]): void {
  const conflicts = findConflicts(
    graph,
    nodes.map((node) => node.writes),
  );
  const reported = new Set<string>();
  for (const { first, second, key } of conflicts) {
    // Of many nodes side by side each is named once for a key, with the first that it collides with.
    const place = JSON.stringify([second, key]);
    if (reported.has(place)) continue;
    reported.add(place);
    const [one, other] = [graph.names[first]!, graph.names[second]!];
    context.report({
      code: 'CONFLICTING_WRITES',
      path: ['graph_config', 'nodes', other],
      target: { part: 'key' },
      message: `"${one}" and "${other}" run side by side and both write "${key}"`,
      hint: 'Give one of them another key, or let one run after the other.',
    });
  }
}
