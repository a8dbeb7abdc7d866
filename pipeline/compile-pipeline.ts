import { CompileContext, type FunctionUse } from './compile/compile-context.ts';
import { ModelTable } from './compile/compile-models.ts';
import { compileOutput } from './compile/compile-output.ts';
import { compileDataQuality } from './compile/compile-data-quality.ts';
import { compilePostProcess } from './compile/compile-post-process.ts';
import { compileSchema } from './compile/compile-schema.ts';
import { compileJoinedSource, primaryColumn } from './compile/compile-joined-source.ts';
import { compileSinks } from './compile/compile-sink.ts';
import { compileTarget } from './compile/compile-target.ts';
import { compileSource, type CompiledSource } from './compile/compile-source.ts';
import { checkLevel } from './compile/subgraph/check-level.ts';
import { compileLevel } from './compile/subgraph/compile-level.ts';
import { flattenNodes, placeLevels } from './compile/subgraph/flatten-levels.ts';
import { walkTable } from './compile/walk-table.ts';
import { type Diagnostic, sortDiagnostics } from './diagnostics.ts';
import type { PipelineFacts } from './facts.ts';
import type { ParsedPipeline } from './parsed-pipeline.ts';
import { type Plan, PLAN_VERSION, type SourcePlan } from './plan.ts';

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

/** From a pipeline and what is known of the world around it to a plan. Finds all faults, not the first. */
export function compilePipeline(options: CompilePipelineOptions): CompilePipelineResult {
  const { parsed, facts, pipelineName } = options;
  const context = new CompileContext(parsed, facts);
  const source = mainSource(context);
  const models = new ModelTable(context);
  const outermost = compileLevel({ context, models, prefix: '' });
  const { graph, nodes } = outermost;
  const knowledge = { columns: source.columns, graph, nodes };
  checkLevel(outermost, source.columns);
  const placed = placeLevels(outermost);
  const output = compileOutput(context, knowledge);
  const schema = compileSchema(context, output);
  const postProcess = compilePostProcess(context);
  const quality = compileDataQuality(context, models);
  const planNodes = flattenNodes(placed);
  const plan: Plan = {
    version: PLAN_VERSION,
    pipeline: pipelineName,
    source: source.plan,
    sinks: compileSinks(context),
    idColumn: compileIdColumn(context, source),
    nodes: planNodes,
    start: graph.startRoute,
    walk: walkTable(context, placed),
    output,
    schema,
    models: models.plans,
    bundle: null,
    target: compileTarget(context, knowledge, planNodes),
    ...(postProcess.length === 0 ? {} : { postProcess }),
    ...(quality === null ? {} : { quality }),
  };
  return {
    plan: context.failed ? null : plan,
    diagnostics: sortDiagnostics(context.diagnostics),
    functions: context.functions,
  };
}

/** A pipeline without source has no columns; one whose source cannot be read may have any. */
function mainSource(context: CompileContext): CompiledSource<SourcePlan> {
  const { config, sources, damaged } = context.parsed;
  const own = sources.filter(({ path }) => path[0] === 'data_config');
  const [first] = own;
  if (first === undefined) return { plan: null, columns: damaged.source ? null : new Set(['id']) };
  // A list of one without join keys is a source like any other.
  const isJoined = own.length > 1 || (Array.isArray(config.data_config?.source) && Boolean(first.config.join_type));
  const compiled = isJoined ? compileJoinedSource(context, own) : compileSource(context, first);
  return damaged.source ? { ...compiled, columns: null } : compiled;
}

/** The column that identifies a record. Of joined sources it may be named as the primary source has it. */
function compileIdColumn(context: CompileContext, { plan, columns }: CompiledSource<SourcePlan>): string | null {
  const data = context.parsed.config.data_config;
  const named = data?.id_column;
  if (!named) return null;
  const idColumn = plan?.type === 'joined' && !columns?.has(named) ? primaryColumn(plan, named) : named;
  if (!data.source || columns === null || columns.has(idColumn)) return idColumn;
  const message = `The source has no column "${named}"`;
  context.report({
    code: 'UNKNOWN_COLUMN',
    path: ['data_config', 'id_column'],
    message,
    hint: 'Name a column that every record has.',
    allowed: [...columns],
  });
  return idColumn;
}
