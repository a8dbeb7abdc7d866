import type { SubgraphFact } from '../../facts.ts';
import type { ParsedNode } from '../../parsed-pipeline.ts';
import type { RoutePlan } from '../../plan.ts';
import type { SubgraphNodeConfig } from '../../schema/nodes/subgraph-node.ts';
import { CompileContext } from '../compile-context.ts';
import { compileGraph } from '../compile-graph.ts';
import type { CompiledGraph } from '../compiled-graph.ts';
import type { ModelTable } from '../compile-models.ts';
import { type CompiledNode, compileNode } from '../compile-nodes.ts';
import { reportSubgraph } from './report-subgraph.ts';
import { refuseWaiting } from './refuse-waiting.ts';

/** One graph of a plan: the pipeline's own, or that of a subgraph at one of its call sites. */
export interface Level {
  context: CompileContext;
  graph: CompiledGraph;
  /** In the order of `graph.names`; routes have indexes into that. */
  nodes: CompiledNode[];
  /** By index of the subgraph node. */
  subgraphs: Map<number, Level>;
}

export interface CompileLevelOptions {
  context: CompileContext;
  models: ModelTable;
  /** What stands before the names of its nodes: empty, or the way to the subgraph and a slash. */
  prefix: string;
}

/** Compiles a graph and the subgraphs in it. */
export function compileLevel({ context, models, prefix }: CompileLevelOptions): Level {
  const graph = compileGraph(context);
  const subgraphs = new Map<number, Level>();
  const nodes = graph.names.map((name, index): CompiledNode => {
    const node = context.parsed.nodes.find((candidate) => candidate.name === name)!;
    const route = graph.routes[index]!;
    const planName = `${prefix}${name}`;
    const { config } = node;
    if (config?.node_type !== 'subgraph') return compileNode({ context, node: { ...node, name: planName }, route, models });
    const inner = compileInner({ context, models, prefix: `${planName}/` }, { ...node, config });
    if (inner === null) return { plan: null, writes: [], writesMore: true };
    subgraphs.set(index, inner);
    return subgraphNode({ name: planName, route, inner, damaged: node.damaged });
  });
  if (context.outermost !== null) refuseWaiting(context, graph, nodes);
  return { context, graph, nodes, subgraphs };
}

/** null where there is nothing to compile, which has been reported. */
function compileInner(options: CompileLevelOptions, node: ParsedNode & { config: SubgraphNodeConfig }): Level | null {
  const { context, models, prefix } = options;
  const fact: SubgraphFact | undefined = context.facts.subgraphs?.[node.name];
  if (fact?.status !== 'found') {
    reportSubgraph(context, node, fact);
    return null;
  }
  context.diagnostics.push(...fact.diagnostics);
  if (fact.parsed === null) return null;
  const { sources, subgraphs } = fact;
  const inner = new CompileContext(fact.parsed, { ...context.facts, sources, subgraphs }, context);
  return compileLevel({ context: inner, models: models.within(inner), prefix });
}

function subgraphNode(parts: { name: string; route: RoutePlan; inner: Level; damaged: boolean }): CompiledNode {
  const { name, route, inner, damaged } = parts;
  const writes = [...new Set(inner.nodes.flatMap((node) => node.writes))];
  const writesMore = damaged || inner.nodes.some((node) => node.writesMore);
  return { plan: { kind: 'subgraph', name, route, start: inner.graph.startRoute, writes }, writes, writesMore, inner: inner.nodes };
}

/** A level and all that are inside it, at any depth. */
export function levelsOf(level: Level): Level[] {
  return [level, ...[...level.subgraphs.values()].flatMap(levelsOf)];
}
