import { normalize } from 'node:path';
import type { DatasetCardPlan, SinkPlan } from '../plan.ts';
import type { SinkConfig } from '../schema/sink-schema.ts';
import type { YamlPath } from '../yaml-source.ts';
import { ALIAS_JOINER, isAlias } from './alias.ts';
import type { CompileContext } from './compile-context.ts';
import { compileWhere } from './compile-where.ts';
import { compileServiceNowSink } from './compile-servicenow.ts';
import { checkEncoding, requireFormat, tokenVariable } from './source-settings.ts';

/** Where the output goes, and which of its columns go where. */
export function compileSinks(context: CompileContext): SinkPlan[] {
  const sinks = context.parsed.config.data_config?.sink ?? [];
  const path = ['data_config', 'sink'];
  // A single one is a mapping or a list of one.
  const isList = Array.isArray((context.parsed.raw['data_config'] as { sink?: unknown } | undefined)?.sink);
  const paths = sinks.map((_, index) => (isList ? [...path, index] : path));
  checkAliases(context, sinks, paths);
  checkFiles(context, sinks, paths);
  return sinks
    .map((sink, index) => compileSink(context, sink, paths[index]!))
    .filter((sink): sink is SinkPlan => sink !== null);
}

function compileSink(context: CompileContext, config: SinkConfig, path: YamlPath): SinkPlan | null {
  const plan = compileDestination(context, config, path);
  if (plan === null || !config.where) return plan;
  const where = compileWhere(context, config.where, [...path, 'where']);
  return where === null ? plan : { ...plan, where };
}

function compileDestination(context: CompileContext, config: SinkConfig, path: YamlPath): SinkPlan | null {
  const alias = config.alias ?? null;
  if (config.type === 'servicenow') return compileServiceNowSink(context, { config, path, alias });
  if (config.type === 'hf') {
    return {
      type: 'hf',
      alias,
      repoId: config.repo_id,
      configName: config.config_name ?? null,
      split: config.split ?? 'train',
      private: config.private ?? true,
      tokenVariable: tokenVariable(context, config.token, [...path, 'token']),
      ...compileCard(config.card),
    };
  }
  const encoding = config.encoding ?? 'utf-8';
  checkEncoding(context, encoding, [...path, 'encoding']);
  const format =
    config.type === undefined || config.type === 'disk'
      ? (config.file_format ?? config.file_type ?? requireFormat(context, config.file_path, path))
      : config.type;
  return format === null ? null : { type: 'file', alias, path: config.file_path, format, encoding };
}

/** Absent where nothing is said, so that plans of earlier versions stay as they are. */
function compileCard(card: Extract<SinkConfig, { type: 'hf' }>['card']): { card?: DatasetCardPlan | null } {
  if (card === undefined || card === null) return {};
  if (card === false) return { card: null };
  const { license, license_name: licenseName, license_link: licenseLink, pretty_name: prettyName, description, language: languages, task_categories: taskCategories, tags } = card;
  const fields = Object.entries({ license, licenseName, licenseLink, prettyName, description, languages, taskCategories, tags }).filter(([, value]) => value !== undefined);
  return { card: Object.fromEntries(fields) };
}

/** Of two sinks that write to one file, one would be lost. */
function checkFiles(context: CompileContext, sinks: SinkConfig[], paths: YamlPath[]): void {
  const seen = new Set<string>();
  for (const [index, sink] of sinks.entries()) {
    if (!('file_path' in sink)) continue;
    const file = normalize(sink.file_path);
    if (seen.has(file))
      context.report({
        code: 'WRONG_VALUE',
        path: [...paths[index]!, 'file_path'],
        message: `Two sinks write to ${JSON.stringify(sink.file_path)}`,
        hint: 'Give each sink a file of its own.',
      });
    seen.add(file);
  }
}

/** Aliases are one each, and the output has a column for every one of them. */
function checkAliases(context: CompileContext, sinks: SinkConfig[], paths: YamlPath[]): void {
  const config = context.parsed.config.output_config;
  const fields = config?.output_map && !config.generator ? Object.keys(config.output_map) : null;
  const seen = new Set<string>();
  for (const [index, { alias }] of sinks.entries()) {
    if (!alias) continue;
    const path = [...paths[index]!, 'alias'];
    if (!isAlias(alias)) {
      const message = `"${alias}" cannot be an alias`;
      context.report({ code: 'WRONG_VALUE', path, message, hint: `Leave out ${ALIAS_JOINER}, braces and quotes.` });
    } else if (seen.has(alias)) {
      const message = `Two sinks have the alias "${alias}"`;
      context.report({ code: 'WRONG_VALUE', path, message, hint: 'Give each sink an alias of its own.' });
    } else if (fields !== null && !fields.some((field) => field.startsWith(alias + ALIAS_JOINER))) {
      context.report({
        code: 'UNKNOWN_COLUMN',
        severity: 'warning',
        path,
        message: `No output field goes to the sink "${alias}", so nothing will be written to it`,
        hint: `Name fields of output_map ${alias}${ALIAS_JOINER}column.`,
        allowed: fields,
      });
    }
    seen.add(alias);
  }
  if (sinks.length === 0 || !sinks.every(({ alias }) => alias)) return;
  reportLost(context, fields ?? [], seen);
  if (fields !== null || config?.generator) return;
  context.report({
    code: 'UNKNOWN_COLUMN',
    severity: 'warning',
    path: ['data_config', 'sink'],
    target: { part: 'key' },
    message: 'All sinks have an alias, and nothing says which columns are theirs',
    hint: `Add output_map with fields such as ${[...seen][0] ?? 'alias'}${ALIAS_JOINER}column, or a sink without alias.`,
  });
}

/** Output columns that no sink takes, where each takes only those of its alias. */
function reportLost(context: CompileContext, fields: string[], aliases: ReadonlySet<string>): void {
  for (const field of fields) {
    if ([...aliases].some((alias) => field.startsWith(alias + ALIAS_JOINER))) continue;
    context.report({
      code: 'UNKNOWN_COLUMN',
      severity: 'warning',
      path: ['output_config', 'output_map', field],
      target: { part: 'key' },
      message: `The output field "${field}" goes to no sink: all of them have an alias`,
      hint: `Write alias${ALIAS_JOINER}${field}, or add a sink without alias.`,
      allowed: [...aliases].map((alias) => alias + ALIAS_JOINER + field),
    });
  }
}
