import type { NodePlan, RoutePlan, WalkTable } from '../plan.ts';
import type { CompileContext } from './compile-context.ts';
import { fansOut } from './find-conflicts.ts';
import { type PlacedLevel, shiftTargets } from './subgraph/flatten-levels.ts';
import { levelsOf } from './subgraph/compile-level.ts';

const DEFAULT_MAX_VISITS = 100;
/** Bytes: the walk table stands in the history of every batch. */
const MOST_BYTES = 10 * 1024;

/** The little of a plan that workflows see. A table that is too large is reported. */
export function walkTable(context: CompileContext, placed: readonly PlacedLevel[]): WalkTable {
  const [outermost] = placed;
  const { startRoute } = outermost!.level.graph;
  const subgraphs = placed.flatMap((outer) =>
    outer.subgraphs.map(({ node, inner }) => ({
      node,
      start: unconditional(inner.level.graph.startRoute, inner.offset),
      next: unconditional(outer.level.graph.routes[node - outer.offset]!, outer.offset),
    })),
  );
  const gathering = indexesOf(placed, isGathering);
  const splitting = indexesOf(placed, isSplitting);
  const parking = indexesOf(placed, isParking);
  const table: WalkTable = {
    nodes: placed.flatMap(({ level }) => level.nodes.map((node, index) => node.plan?.name ?? level.graph.names[index]!)),
    start: unconditional(startRoute, 0),
    reach: placed.flatMap(reachRows),
    maxVisits: context.parsed.config.graph_config.graph_properties?.max_visits ?? DEFAULT_MAX_VISITS,
    ...(subgraphs.length === 0 ? {} : { subgraphs }),
    ...(gathering.length === 0 ? {} : { gathering }),
    ...(splitting.length === 0 ? {} : { splitting }),
    ...(parking.length === 0 ? {} : { parking }),
  };
  checkSize(context, table);
  checkNames(context, table);
  return table;
}

function unconditional(route: RoutePlan, offset: number): number[] | null {
  return route.conditions.length === 0 ? shiftTargets(route.always, offset) : null;
}

/** A chain of a hundred nodes would fill the table with rows that nobody asks. */
function reachRows({ level, offset }: PlacedLevel): number[][] {
  const { graph } = level;
  const asked = fansOut(graph) || level.nodes.some(({ plan }, index) => plan !== null && (isParking(plan) || holds(level.subgraphs.get(index), plan, isGathering)));
  return graph.reach.map((row) => (asked ? shiftTargets(row, offset) : []));
}

function indexesOf(placed: readonly PlacedLevel[], matches: (plan: NodePlan) => boolean): number[] {
  return placed.flatMap(({ level, offset }) =>
    level.nodes.flatMap(({ plan }, index) =>
      plan !== null && holds(level.subgraphs.get(index), plan, matches) ? [offset + index] : [],
    ),
  );
}

/** Of a subgraph's node: whether any node inside is one. */
function holds(inner: PlacedLevel['level'] | undefined, plan: NodePlan, matches: (plan: NodePlan) => boolean): boolean {
  if (inner === undefined) return matches(plan);
  return levelsOf(inner).some(({ nodes }) => nodes.some((node) => node.plan !== null && matches(node.plan)));
}

function isGathering(plan: NodePlan): boolean {
  return plan.kind === 'set' && plan.scope === 'batch';
}

function isParking(plan: NodePlan): boolean {
  return plan.kind === 'human_review' || (plan.kind === 'llm' && plan.waits === true) || (plan.kind === 'set' && plan.scope === 'run');
}

function isSplitting(plan: NodePlan): boolean {
  if (plan.kind === 'lambda') return plan.rows;
  return plan.kind === 'fan_out' || (plan.kind === 'llm' && plan.samples.as === 'rows');
}

/** A node called `a/b` would be taken for the node b of a subgraph a. */
function checkNames(context: CompileContext, { nodes }: WalkTable): void {
  const repeated = new Set(nodes.filter((name, index) => nodes.indexOf(name) !== index));
  for (const name of repeated) {
    context.report({
      code: 'DUPLICATE_NODE',
      path: ['graph_config', 'nodes', name],
      target: { part: 'key' },
      message: `The node "${name}" has the same name as one inside a subgraph`,
      hint: 'Give it a name without a slash.',
    });
  }
}

function checkSize(context: CompileContext, table: WalkTable): void {
  const bytes = new TextEncoder().encode(JSON.stringify(table)).byteLength;
  if (bytes <= MOST_BYTES) return;
  const subgraphs = table.subgraphs?.length ?? 0;
  const inside = subgraphs === 0 ? '' : `, those of ${subgraphs} subgraphs included`;
  context.report({
    code: 'GRAPH_TOO_LARGE',
    path: ['graph_config', 'nodes'],
    target: { part: 'key' },
    message: `This graph has ${table.nodes.length} nodes${inside}; its walk table takes ${bytes} bytes of at most ${MOST_BYTES}`,
    hint: 'Split the pipeline, use fewer subgraphs, or give the nodes shorter names.',
  });
}
