import type { SourceFact } from '../facts.ts';
import type { ParsedSource } from '../parsed-pipeline.ts';
import type { HubSourcePlan, SingleSourcePlan, TransformationPlan } from '../plan.ts';
import { valueAt } from '../schema/describe-issue.ts';
import type { SourceConfig } from '../schema/source-schema.ts';
import type { YamlPath } from '../yaml-source.ts';
import { type CompileContext, nearestHint } from './compile-context.ts';
import { compileServiceNowSource } from './compile-servicenow.ts';
import { compileTransformation } from './compile-transformation.ts';
import { checkEncoding, requireFormat, shardOf, tokenVariable } from './source-settings.ts';

export interface CompiledSource<Plan = SingleSourcePlan> {
  plan: Plan | null;
  /** Names that every record may have after the transformations; null: cannot be told. */
  columns: ReadonlySet<string> | null;
}

/** One source of a pipeline or of a sampler, with what is known of its columns. `isPart`: one of several. */
export function compileSource(context: CompileContext, source: ParsedSource, isPart = false): CompiledSource {
  const { config, path } = source;
  if (!isPart) ignoreJoins(context, source);
  const fact = context.facts.sources[context.parsed.sources.indexOf(source)];
  reportFact(context, source, fact);
  let columns = fact?.status === 'found' && fact.columns !== null ? new Set(fact.columns) : null;
  const transformations: TransformationPlan[] = [];
  // An instance is asked for its fields; files and datasets are read and then cut down.
  if (config.fields && config.type !== 'servicenow') {
    columns = selectColumns(context, { fields: config.fields, columns, path: [...path, 'fields'] });
    transformations.push({ kind: 'select_fields', fields: config.fields });
  }
  for (const [index, transformation] of (config.transformations ?? []).entries()) {
    const compiled = compileTransformation({
      context,
      transformation,
      path: [...path, 'transformations', index],
      columns,
    });
    columns = compiled.columns;
    if (compiled.plan !== null) transformations.push(compiled.plan);
  }
  const resolvedPath =
    fact?.status === 'found' && config.type === 'disk' ? (fact.resolvedPath ?? config.file_path) : null;
  return { plan: sourcePlan({ context, config, path, resolvedPath, transformations }), columns };
}

/** Keys that only mean something of one source among several. */
function ignoreJoins(context: CompileContext, { config, path }: ParsedSource): void {
  for (const key of ['alias', 'join_type', 'primary_key', 'join_key'] as const) {
    if (config[key] === null || config[key] === undefined) continue;
    context.report({
      code: 'IGNORED_KEY',
      severity: 'warning',
      path: [...path, key],
      target: { part: 'key' },
      message: `"${key}" means nothing for a single source`,
      hint: 'Make the source a list to join several; its columns then begin with alias->.',
    });
  }
}

function reportFact(context: CompileContext, { config, path }: ParsedSource, fact: SourceFact | undefined): void {
  const key = config.type === 'disk' ? 'file_path' : config.type === 'hf' ? 'repo_id' : 'table';
  if (fact?.status === 'missing') {
    const tried = fact.triedPaths.length === 0 ? '' : `; looked for ${fact.triedPaths.join(', ')}`;
    context.report({
      code: 'SOURCE_NOT_FOUND',
      path: [...path, key],
      message: `There is no source "${sourceName(config)}"${tried}`,
      hint: 'Relative paths start at the task folder, then at the working directory.',
    });
  } else if (fact?.status === 'broken') {
    const message = `The source cannot be read: ${fact.message}`;
    context.report({ code: fact.isUnreachable === true ? 'SOURCE_UNREACHABLE' : 'SOURCE_BROKEN', path: [...path, key], message });
  }
}

function sourceName(config: SourceConfig): string {
  if (config.type === 'disk') return config.file_path;
  return config.type === 'hf' ? config.repo_id : config.table;
}

function selectColumns(
  context: CompileContext,
  { fields, columns, path }: { fields: string[]; columns: Set<string> | null; path: YamlPath },
): Set<string> {
  for (const [index, field] of fields.entries()) {
    if (columns === null || columns.has(field)) continue;
    context.report({
      code: 'UNKNOWN_COLUMN',
      severity: 'warning',
      path: Array.isArray(valueAt(context.parsed.raw, path)) ? [...path, index] : path,
      message: `The source has no column "${field}"`,
      hint: nearestHint(field, columns),
      allowed: [...columns],
    });
  }
  return new Set(fields);
}

interface SourceParts {
  context: CompileContext;
  config: SourceConfig;
  path: YamlPath;
  resolvedPath: string | null;
  transformations: TransformationPlan[];
}

function sourcePlan(parts: SourceParts): SingleSourcePlan | null {
  const { context, config, path, resolvedPath, transformations } = parts;
  const base = { transformations, onBadRecord: config.on_bad_record ?? ('stop' as const) };
  if (config.type === 'servicenow') return compileServiceNowSource(context, { config, path, base });
  if (config.type === 'hf') {
    return {
      type: 'hf',
      repoId: config.repo_id,
      configName: config.config_name ?? null,
      splits: [...new Set(config.split ?? ['train'])],
      streaming: config.streaming ?? false,
      tokenVariable: tokenVariable(context, config.token, [...path, 'token']),
      ...shardPlan(context, config.shard, [...path, 'shard']),
      ...base,
    };
  }
  const format = config.file_format ?? requireFormat(context, config.file_path, path);
  const encoding = config.encoding ?? 'utf-8';
  checkEncoding(context, encoding, [...path, 'encoding']);
  return format === null || resolvedPath === null
    ? null
    : { type: 'disk', path: resolvedPath, format, encoding, ...base };
}

type ShardConfig = Extract<SourceConfig, { type: 'hf' }>['shard'];

function shardPlan(context: CompileContext, shard: ShardConfig, path: YamlPath): Pick<HubSourcePlan, 'shard'> {
  const wanted = shardOf(shard);
  if (wanted === null) return {};
  try {
    new RegExp(wanted.regex ?? '');
  } catch {
    context.report({
      code: 'WRONG_VALUE',
      path: [...path, 'regex'],
      message: '"regex" is no regular expression',
      hint: 'Write one that the paths of the wanted files match, e.g. "-.*\\\\.parquet$".',
    });
  }
  return { shard: wanted };
}
