import type { YamlPath } from '../../yaml-source.ts';
import type { CompileContext } from '../compile-context.ts';

type OldKey = 'output_key' | 'output_vars';
const OLD_KEYS: OldKey[] = ['output_key', 'output_vars'];

/** null where none are declared. */
export function outputKeys(
  context: CompileContext,
  config: Partial<Record<'output_keys' | OldKey, string[] | null | undefined>>,
  path: YamlPath,
): string[] | null {
  for (const old of OLD_KEYS) {
    if (!config[old]) continue;
    context.report({
      code: 'DEPRECATED_KEY',
      severity: 'warning',
      path: [...path, old],
      target: { part: 'key' },
      message: `"${old}" is an old spelling of "output_keys"`,
      hint: 'Write output_keys.',
    });
  }
  const declared = config.output_keys ?? config.output_key ?? config.output_vars ?? null;
  const repeated = declared?.find((key, index) => declared.indexOf(key) !== index);
  if (repeated !== undefined)
    context.report({
      code: 'WRONG_VALUE',
      path: [...path, 'output_keys'],
      message: `"${repeated}" stands twice in output_keys`,
    });
  return declared === null || declared.length === 0 ? null : declared;
}
