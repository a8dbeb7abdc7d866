import { checkBranches } from './compile/check-branches.ts';
import { checkVariables } from './compile/check-variables.ts';
import { CompileContext, type FunctionUse } from './compile/compile-context.ts';
import { compileGraph } from './compile/compile-graph.ts';
import type { CompiledGraph } from './compile/compiled-graph.ts';
import { ModelTable } from './compile/compile-models.ts';
import { type CompiledNode, compileNode } from './compile/compile-nodes.ts';
import { compileOutput } from './compile/compile-output.ts';
import { compileSchema } from './compile/compile-schema.ts';
import { compileSink, compileSource, type CompiledSource } from './compile/compile-source.ts';
import { fansOut, findConflicts } from './compile/find-conflicts.ts';
import { type Diagnostic, sortDiagnostics } from './diagnostics.ts';
import type { PipelineFacts } from './facts.ts';
import type { ParsedPipeline } from './parsed-pipeline.ts';
import { type NodePlan, type Plan, PLAN_VERSION, type SinkPlan, type WalkTable } from './plan.ts';

export type { FunctionUse } from './compile/compile-context.ts';

export interface CompilePipelineOptions {
  /** From `readPipeline`, whose errors need not stop the compiler: it looks for more. */
  parsed: ParsedPipeline;
  facts: PipelineFacts;
  /** The task folder's name, or the file's without its extension. */
  pipelineName: string;
}

export interface CompilePipelineResult {
  /** null where the compiler or `readPipeline` found an error. Its `bundle` is null: planning fills it in. */
  plan: Plan | null;
  diagnostics: Diagnostic[];
  /** What the plan's bundle must contain; empty where the plan needs none. */
  functions: FunctionUse[];
}

const DEFAULT_MAX_VISITS = 100;

/** From a pipeline and what is known of the world around it to a plan. Finds all faults, not the first. */
export function compilePipeline(options: CompilePipelineOptions): CompilePipelineResult {
  const { parsed, facts, pipelineName } = options;
  const context = new CompileContext(parsed, facts);
  const source = mainSource(context);
  const models = new ModelTable(context);
  const graph = compileGraph(context);
  const nodes = graph.names.map((name, index) =>
    compileNode({
      context,
      node: parsed.nodes.find((node) => node.name === name)!,
      route: graph.routes[index]!,
      models,
    }),
  );
  const knowledge = { columns: source.columns, graph, nodes };
  checkVariables(context, knowledge);
  reportConflicts(context, graph, nodes);
  checkBranches(context, graph, nodes);
  const output = compileOutput(context, knowledge);
  const schema = compileSchema(context, output);
  checkIdColumn(context, source);
  const plan: Plan = {
    version: PLAN_VERSION,
    pipeline: pipelineName,
    source: source.plan,
    sinks: compileSinks(context),
    idColumn: parsed.config.data_config?.id_column ?? null,
    nodes: nodes.map((node) => node.plan).filter((node): node is NodePlan => node !== null),
    start: graph.startRoute,
    walk: walkTable(context, graph, nodes),
    output,
    schema,
    models: models.plans,
    bundle: null,
    target: null,
  };
  return {
    plan: context.failed ? null : plan,
    diagnostics: sortDiagnostics(context.diagnostics),
    functions: context.functions,
  };
}

/** A pipeline without source has no columns; one whose source cannot be read may have any. */
function mainSource(context: CompileContext): CompiledSource {
  const { config, sources, damaged } = context.parsed;
  const main = config.data_config?.source;
  if (Array.isArray(main) && main.length > 1) {
    const path = ['data_config', 'source'];
    context.report({
      code: 'NOT_SUPPORTED_YET',
      path,
      target: { part: 'key' },
      message: 'Several sources are not supported yet',
      hint: 'Keep one source.',
    });
    return { plan: null, columns: null };
  }
  const source = sources.find(({ path }) => path[0] === 'data_config');
  if (source === undefined) return { plan: null, columns: damaged.source ? null : new Set(['id']) };
  const compiled = compileSource(context, source);
  return damaged.source ? { ...compiled, columns: null } : compiled;
}

function compileSinks(context: CompileContext): SinkPlan[] {
  const sinks = context.parsed.config.data_config?.sink ?? [];
  const path = ['data_config', 'sink'];
  return sinks.map((sink, index) => compileSink(context, sink, sinks.length > 1 ? [...path, index] : path));
}

function checkIdColumn(context: CompileContext, { columns }: CompiledSource): void {
  const data = context.parsed.config.data_config;
  const idColumn = data?.id_column;
  if (!idColumn || !data.source || columns === null || columns.has(idColumn)) return;
  const message = `The source has no column "${idColumn}"`;
  context.report({
    code: 'UNKNOWN_COLUMN',
    path: ['data_config', 'id_column'],
    message,
    hint: 'Name a column that every record has.',
    allowed: [...columns],
  });
}

function reportConflicts(context: CompileContext, graph: CompiledGraph, nodes: CompiledNode[]): void {
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

function walkTable(context: CompileContext, graph: CompiledGraph, nodes: readonly CompiledNode[]): WalkTable {
  const { names, reach, startRoute } = graph;
  const parking = indexesOf(nodes, (plan) => plan.kind === 'human_review' || (plan.kind === 'set' && plan.scope === 'run'));
  const gathering = indexesOf(nodes, (plan) => plan.kind === 'set' && plan.scope === 'batch');
  const waits = fansOut(graph) || parking.length > 0 || gathering.length > 0;
  return {
    nodes: names,
    start: startRoute.conditions.length === 0 ? startRoute.always : null,
    // A chain of a hundred nodes would fill the 10 kB of a walk table with rows that nobody asks.
    reach: waits ? reach : reach.map(() => []),
    maxVisits: context.parsed.config.graph_config.graph_properties?.max_visits ?? DEFAULT_MAX_VISITS,
    ...(gathering.length === 0 ? {} : { gathering }),
    ...(parking.length === 0 ? {} : { parking }),
  };
}

function indexesOf(nodes: readonly CompiledNode[], matches: (plan: NodePlan) => boolean): number[] {
  return nodes.flatMap(({ plan }, index) => (plan !== null && matches(plan) ? [index] : []));
}
