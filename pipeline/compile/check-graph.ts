import { END } from '../plan.ts';
import { reachableFrom } from '../reachability.ts';
import type { CompileContext } from './compile-context.ts';
import type { CompiledGraph } from './compiled-graph.ts';

/** Nodes that START does not reach, and nodes from which END cannot be reached. */
export function checkGraph(context: CompileContext, graph: CompiledGraph): void {
  const { names, start, targets, broken } = graph;
  // Edges that could not be read may be the ones that are missed here.
  if (context.parsed.damaged.edges) return;
  if (names.length === 0) {
    if (context.parsed.nodes.some((node) => node.damaged)) return;
    context.report({
      code: 'WRONG_VALUE',
      path: ['graph_config', 'nodes'],
      target: { part: 'key' },
      message: 'A graph needs at least one active node',
    });
    return;
  }
  if (start.length === 0) {
    const entry = names.find((_, index) => !targets.some((list) => list.includes(index))) ?? names[0]!;
    if (!graph.startBroken)
      context.report({
        code: 'NO_START',
        path: ['graph_config', 'edges'],
        target: { part: 'key' },
        message: 'No edge leaves START',
        hint: `Add - from: START, to: ${entry}.`,
      });
    return;
  }
  const reached = reachableFrom(start, targets);
  for (const [index, name] of names.entries()) {
    if (!reached.has(index))
      reportNode(
        context,
        name,
        'UNREACHABLE_NODE',
        `No way leads from START to "${name}"`,
        `Add an edge to it, remove it, or set node_state: idle.`,
      );
  }
  checkEnd(context, { names, targets, broken, reached });
}

interface EndCheck {
  names: string[];
  targets: number[][];
  broken: ReadonlySet<number>;
  reached: ReadonlySet<number>;
}

function checkEnd(context: CompileContext, { names, targets, broken, reached }: EndCheck): void {
  const ends = new Set([...names.keys()].filter((index) => broken.has(index) || targets[index]!.includes(END)));
  const stuck = new Set(
    [...names.keys()].filter(
      (index) => reached.has(index) && ![...reachableFrom([index], targets)].some((node) => ends.has(node)),
    ),
  );
  for (const index of stuck) {
    if (targets[index]!.length === 0)
      reportNode(
        context,
        names[index]!,
        'NO_PATH_TO_END',
        `No edge leads on from "${names[index]!}", so records never reach END`,
        `Add - from: ${names[index]!}, to: END.`,
      );
  }
  const reported = new Set<number>();
  for (const index of stuck) {
    const ahead = reachableFrom([index], targets);
    // Of a loop without exit one node is named; what only leads into it, or to a dead end, is not at fault.
    const leadsToFault = [...ahead].some((node) => reported.has(node) || targets[node]!.length === 0);
    if (leadsToFault || !targets[index]!.some((target) => reachableFrom([target], targets).has(index))) continue;
    reported.add(index);
    const loop = [...ahead].map((node) => `"${names[node]!}"`).join(', ');
    reportNode(
      context,
      names[index]!,
      'NO_PATH_TO_END',
      `From "${names[index]!}" records never reach END: they go round ${loop}`,
      'Add an edge to END, or an answer of a condition that leads there.',
    );
  }
}

function reportNode(
  context: CompileContext,
  name: string,
  code: 'UNREACHABLE_NODE' | 'NO_PATH_TO_END',
  message: string,
  hint: string,
): void {
  context.report({ code, path: ['graph_config', 'nodes', name], target: { part: 'key' }, message, hint });
}
