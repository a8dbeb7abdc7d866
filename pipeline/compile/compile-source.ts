import { readVariableName } from '../environment-variable.ts';
import { nearestName } from '../nearest-name.ts';
import type { ParsedSource } from '../parsed-pipeline.ts';
import type { FileFormat, SinkPlan, SourcePlan, TransformationPlan } from '../plan.ts';
import type { SinkConfig, SourceConfig } from '../schema/source-schema.ts';
import type { YamlPath } from '../yaml-source.ts';
import type { CompileContext } from './compile-context.ts';
import { compileTransformation } from './compile-transformation.ts';

export interface CompiledSource {
  plan: SourcePlan | null;
  /** Names that every record may have after the transformations; null: cannot be told. */
  columns: ReadonlySet<string> | null;
}

/** The source of a pipeline or of a sampler, with what is known of its columns. */
export function compileSource(context: CompileContext, source: ParsedSource): CompiledSource {
  const { config, path } = source;
  const fact = context.facts.sources[context.parsed.sources.indexOf(source)];
  let columns: Set<string> | null = null;
  if (fact?.status === 'missing') {
    const tried = fact.triedPaths.length === 0 ? '' : `; looked for ${fact.triedPaths.join(', ')}`;
    const name = config.type === 'disk' ? config.file_path : config.repo_id;
    const message = `There is no source "${name}"${tried}`;
    context.report({
      code: 'SOURCE_NOT_FOUND',
      path: [...path, nameKey(config)],
      message,
      hint: 'Relative paths start at the task folder, then at the working directory.',
    });
  } else if (fact?.status === 'broken') {
    context.report({
      code: 'SOURCE_BROKEN',
      path: [...path, nameKey(config)],
      message: `The source cannot be read: ${fact.message}`,
    });
  } else if (fact?.columns) columns = new Set(fact.columns);
  const transformations: TransformationPlan[] = [];
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

interface SourceParts {
  context: CompileContext;
  config: SourceConfig;
  path: YamlPath;
  resolvedPath: string | null;
  transformations: TransformationPlan[];
}

function sourcePlan(parts: SourceParts): SourcePlan | null {
  const { context, config, path, resolvedPath, transformations } = parts;
  const base = { transformations, onBadRecord: config.on_bad_record ?? ('stop' as const) };
  if (config.type === 'hf') {
    return {
      type: 'hf',
      repoId: config.repo_id,
      configName: config.config_name ?? null,
      splits: config.split ?? ['train'],
      streaming: config.streaming ?? false,
      tokenVariable: tokenVariable(context, config.token, [...path, 'token']),
      ...base,
    };
  }
  const format = config.file_format ?? formatOfPath(config.file_path);
  if (format === null) {
    const message = `The format of "${config.file_path}" cannot be told from its name`;
    context.report({
      code: 'MISSING_KEY',
      path: [...path, 'file_path'],
      message,
      hint: 'Add file_format.',
      allowed: Object.values(FORMATS),
    });
  }
  const encoding = config.encoding ?? 'utf-8';
  checkEncoding(context, encoding, [...path, 'encoding']);
  return format === null || resolvedPath === null
    ? null
    : { type: 'disk', path: resolvedPath, format, encoding, ...base };
}

export function compileSink(context: CompileContext, config: SinkConfig, path: YamlPath): SinkPlan {
  if (config.type === 'hf') {
    return {
      type: 'hf',
      repoId: config.repo_id,
      configName: config.config_name ?? null,
      split: config.split ?? 'train',
      private: config.private ?? true,
      tokenVariable: tokenVariable(context, config.token, [...path, 'token']),
    };
  }
  const encoding = config.encoding ?? 'utf-8';
  checkEncoding(context, encoding, [...path, 'encoding']);
  return { type: 'file', path: config.file_path, format: config.type, encoding };
}

function nameKey(config: SourceConfig): string {
  return config.type === 'disk' ? 'file_path' : 'repo_id';
}

const FORMATS: Record<string, FileFormat> = {
  json: 'json',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  csv: 'csv',
  parquet: 'parquet',
};

/** null where the extension tells nothing. */
export function formatOfPath(path: string): FileFormat | null {
  const extension = /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(FORMATS, extension) ? FORMATS[extension]! : null;
}

/** The variable that `token: $NAME` means. The text itself is never repeated: it may be the token. */
function tokenVariable(context: CompileContext, token: string | null | undefined, path: YamlPath): string | null {
  if (token === null || token === undefined) return null;
  const variable = readVariableName(token);
  if (variable === null) {
    context.report({
      code: 'SECRET_IN_FILE',
      path,
      message: 'A token must not stand in a file',
      hint: 'Put it into the environment and write token: $HF_TOKEN. If this one is real, revoke it.',
    });
  }
  return variable;
}

const COMMON_ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'iso-8859-1', 'windows-1252', 'shift_jis', 'gb18030'];

function checkEncoding(context: CompileContext, encoding: string, path: YamlPath): void {
  try {
    new TextDecoder(encoding);
  } catch {
    const nearest = nearestName(encoding, COMMON_ENCODINGS);
    const hint = nearest === null ? 'Use a label of the WHATWG Encoding standard.' : `Did you mean "${nearest}"?`;
    context.report({
      code: 'WRONG_VALUE',
      path,
      message: `There is no text encoding "${encoding}"`,
      hint,
      allowed: COMMON_ENCODINGS,
    });
  }
}
