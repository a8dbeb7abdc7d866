import type { ParsedSource } from '../parsed-pipeline.ts';
import type { JoinedPartPlan, JoinedSourcePlan, JoinPlan } from '../plan.ts';
import { JOIN_TYPES } from '../schema/source-schema.ts';
import { ALIAS_JOINER, isAlias } from './alias.ts';
import { type CompileContext, nearestHint } from './compile-context.ts';
import { compileSource, type CompiledSource } from './compile-source.ts';

const PATH = ['data_config', 'source'];

interface Part {
  source: ParsedSource;
  compiled: CompiledSource;
}

/** Several sources as one. Every fault of the joins is reported, as far as the columns are known. */
export function compileJoinedSource(
  context: CompileContext,
  sources: readonly ParsedSource[],
): CompiledSource<JoinedSourcePlan> {
  const parts = sources.map((source): Part => ({ source, compiled: compileSource(context, source, true) }));
  checkAliases(context, parts);
  const stacked = parts.some(({ source }) => source.config.join_type === 'vstack');
  if (stacked) checkStack(context, parts);
  else checkPrimary(context, parts);
  const primary = parts.find(({ source }) => source.config.join_type === 'primary');
  const ordered = primary === undefined ? parts : [primary, ...parts.filter((part) => part !== primary)];
  const plans = ordered.map((part) => partPlan(context, part, primary));
  const complete = plans.every((plan) => plan !== null);
  return {
    plan: complete ? { type: 'joined', parts: plans, transformations: [], onBadRecord: badRecordPolicy(plans) } : null,
    columns: stacked ? commonColumns(parts) : prefixedColumns(ordered),
  };
}

/** `inc->sys_id` for `sys_id`, where it is a column of the primary source and there is none without prefix. */
export function primaryColumn(plan: JoinedSourcePlan, column: string): string {
  const primary = plan.parts.find(({ join }) => join.kind === 'primary');
  const named = plan.parts.some(({ alias }) => column.startsWith(alias + ALIAS_JOINER));
  return primary === undefined || named ? column : primary.alias + ALIAS_JOINER + column;
}

function badRecordPolicy(parts: JoinedPartPlan[]): 'stop' | 'skip' {
  return parts.every(({ source }) => source.onBadRecord === 'stop') ? 'stop' : 'skip';
}

function checkAliases(context: CompileContext, parts: Part[]): void {
  const seen = new Set<string>();
  for (const { source } of parts) {
    const { config, path } = source;
    for (const key of ['alias', 'join_type'] as const) {
      if (config[key]) continue;
      context.report({
        code: 'MISSING_KEY',
        path,
        target: { part: 'value' },
        message: `A source among several needs "${key}"`,
        hint:
          key === 'alias'
            ? `Its columns are then alias${ALIAS_JOINER}column.`
            : 'One source is the primary one; the others say how they join it.',
        ...(key === 'join_type' ? { allowed: [...JOIN_TYPES] } : {}),
      });
    }
    const { alias } = config;
    if (!alias) continue;
    if (!isAlias(alias)) {
      const message = `"${alias}" cannot be an alias`;
      const hint = `Leave out ${ALIAS_JOINER}, braces and quotes: prompts name its columns {alias${ALIAS_JOINER}column}.`;
      context.report({ code: 'WRONG_VALUE', path: [...path, 'alias'], message, hint });
    } else if (seen.has(alias)) {
      const message = `Two sources have the alias "${alias}"`;
      context.report({ code: 'WRONG_VALUE', path: [...path, 'alias'], message, hint: 'Give each an alias of its own.' });
    }
    seen.add(alias);
  }
}

function checkStack(context: CompileContext, parts: Part[]): void {
  for (const { source } of parts) {
    const type = source.config.join_type;
    if (!type || type === 'vstack') continue;
    context.report({
      code: 'WRONG_VALUE',
      path: [...source.path, 'join_type'],
      message: `Stacked and joined sources do not go together: another source has join_type "vstack"`,
      hint: 'Stack all of them, or none.',
      allowed: ['vstack'],
    });
  }
  const columns = commonColumns(parts);
  if (columns === null || columns.size > 0 || parts.length < 2) return;
  context.report({
    code: 'UNKNOWN_COLUMN',
    path: PATH,
    target: { part: 'key' },
    message: 'The stacked sources have no column in common, so the records would be empty',
    hint: 'Give columns the same name with rename_fields.',
  });
}

function checkPrimary(context: CompileContext, parts: Part[]): void {
  const primaries = parts.filter(({ source }) => source.config.join_type === 'primary');
  if (primaries.length === 0 && parts.every(({ source }) => source.config.join_type)) {
    context.report({
      code: 'MISSING_KEY',
      path: PATH,
      target: { part: 'key' },
      message: 'No source is the primary one, which the others join',
      hint: 'Set join_type: primary on one of them, or join_type: vstack on all to read one after the other.',
    });
  }
  for (const { source } of primaries.slice(1)) {
    context.report({
      code: 'WRONG_VALUE',
      path: [...source.path, 'join_type'],
      message: 'There is a primary source already',
      hint: 'Say how this one joins it.',
      allowed: JOIN_TYPES.filter((type) => type !== 'primary' && type !== 'vstack'),
    });
  }
}

function partPlan(context: CompileContext, part: Part, primary: Part | undefined): JoinedPartPlan | null {
  const { config } = part.source;
  const join = joinPlan(context, part, primary);
  if (part.compiled.plan === null || join === null || !config.alias) return null;
  return { alias: config.alias, join, source: part.compiled.plan };
}

function joinPlan(context: CompileContext, part: Part, primary: Part | undefined): JoinPlan | null {
  const { config, path } = part.source;
  if (!config.join_type) return null;
  if (config.join_type !== 'column') {
    reportNeedless(context, part);
    return { kind: config.join_type };
  }
  const primaryKey = keyOf(context, { part, key: 'primary_key', columns: primary?.compiled.columns ?? null });
  const joinKey = keyOf(context, { part, key: 'join_key', columns: part.compiled.columns });
  if (primaryKey !== null && joinKey !== null) return { kind: 'column', primaryKey, joinKey };
  for (const key of ['primary_key', 'join_key'] as const) {
    if (config[key]) continue;
    context.report({
      code: 'MISSING_KEY',
      path,
      target: { part: 'value' },
      message: `A source with join_type "column" needs "${key}"`,
      hint: 'primary_key names a column of the primary source, join_key the one of this source that must match it.',
    });
  }
  return null;
}

function reportNeedless(context: CompileContext, { source }: Part): void {
  for (const key of ['primary_key', 'join_key'] as const) {
    if (!source.config[key]) continue;
    context.report({
      code: 'IGNORED_KEY',
      severity: 'warning',
      path: [...source.path, key],
      target: { part: 'key' },
      message: `"${key}" means nothing with join_type "${source.config.join_type}"`,
      hint: 'Only join_type column has keys.',
    });
  }
}

function keyOf(
  context: CompileContext,
  options: { part: Part; key: 'primary_key' | 'join_key'; columns: ReadonlySet<string> | null },
): string | null {
  const { part, key, columns } = options;
  const name = part.source.config[key];
  if (!name) return null;
  if (columns !== null && !columns.has(name)) {
    context.report({
      code: 'UNKNOWN_COLUMN',
      path: [...part.source.path, key],
      message: `${key === 'primary_key' ? 'The primary source' : 'This source'} has no column "${name}"`,
      hint: nearestHint(name, columns),
      allowed: [...columns],
    });
  }
  return name;
}

function commonColumns(parts: Part[]): ReadonlySet<string> | null {
  const [first, ...others] = parts.map(({ compiled }) => compiled.columns);
  if (!first || others.some((columns) => columns === null)) return null;
  return new Set([...first].filter((column) => others.every((columns) => columns?.has(column))));
}

function prefixedColumns(parts: Part[]): ReadonlySet<string> | null {
  const columns = new Set<string>();
  for (const { source, compiled } of parts) {
    if (compiled.columns === null) return null;
    for (const column of compiled.columns) columns.add(`${source.config.alias ?? ''}${ALIAS_JOINER}${column}`);
  }
  return columns;
}
