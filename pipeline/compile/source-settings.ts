import { readVariableName } from '../environment-variable.ts';
import { nearestName } from '../nearest-name.ts';
import type { FileFormat, SettingPlan } from '../plan.ts';
import type { SourceConfig } from '../schema/source-schema.ts';
import type { YamlPath } from '../yaml-source.ts';
import type { CompileContext } from './compile-context.ts';

export const FILE_FORMATS: Record<string, FileFormat> = {
  json: 'json',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  csv: 'csv',
  parquet: 'parquet',
};

/** null where the extension tells nothing. */
export function formatOfPath(path: string): FileFormat | null {
  const extension = /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(FILE_FORMATS, extension) ? FILE_FORMATS[extension]! : null;
}

/** As `formatOfPath`, reported where it cannot be told. */
export function requireFormat(context: CompileContext, filePath: string, path: YamlPath): FileFormat | null {
  const format = formatOfPath(filePath);
  if (format === null) {
    context.report({
      code: 'MISSING_KEY',
      path: [...path, 'file_path'],
      message: `The format of "${filePath}" cannot be told from its name`,
      hint: 'Add file_format.',
      allowed: [...new Set(Object.values(FILE_FORMATS))],
    });
  }
  return format;
}

export interface SecretOptions {
  text: string | null | undefined;
  path: YamlPath;
  /** As messages call it, with its article: "A token". */
  what: string;
  /** A good name for the variable. */
  example: string;
}

/** The variable that `$NAME` means; null where there is none. The text itself is never repeated: it may be the secret. */
export function secretVariable(context: CompileContext, { text, path, what, example }: SecretOptions): string | null {
  if (text === null || text === undefined) return null;
  const variable = readVariableName(text);
  if (variable === null) {
    context.report({
      code: 'SECRET_IN_FILE',
      path,
      message: `${what} must not stand in a file`,
      hint: `Put it into the environment and write ${path.at(-1)}: $${example}. If this one is real, revoke it.`,
    });
  }
  return variable;
}

export function tokenVariable(
  context: CompileContext,
  token: string | null | undefined,
  path: YamlPath,
): string | null {
  return secretVariable(context, { text: token, path, what: 'A token', example: 'HF_TOKEN' });
}

/** A text, or the variable that `$NAME` means. */
export function settingOf(text: string): SettingPlan {
  const variable = readVariableName(text);
  return variable === null ? { value: text } : { variable };
}

const COMMON_ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'iso-8859-1', 'windows-1252', 'shift_jis', 'gb18030'];

export function checkEncoding(context: CompileContext, encoding: string, path: YamlPath): void {
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

/** SyGra's default `*` is no regular expression, and means all files. */
export function shardOf(
  shard: Extract<SourceConfig, { type: 'hf' }>['shard'],
): { regex: string | null; index: number[] | null } | null {
  if (!shard) return null;
  return { regex: shard.regex === '*' ? null : (shard.regex ?? null), index: shard.index ?? null };
}
