import type { YamlPath } from '../../yaml-source.ts';
import type { CompileContext } from '../compile-context.ts';

/** null where none are declared. */
export function outputKeys(
  context: CompileContext,
  config: { output_keys?: string[] | null | undefined; output_key?: string[] | null | undefined },
  path: YamlPath,
): string[] | null {
  const { output_keys: keys, output_key: oldKeys } = config;
  if (oldKeys) {
    const message = '"output_key" is an old spelling of "output_keys"';
    context.report({
      code: 'DEPRECATED_KEY',
      severity: 'warning',
      path: [...path, 'output_key'],
      target: { part: 'key' },
      message,
      hint: 'Write output_keys.',
    });
  }
  const declared = keys ?? oldKeys ?? null;
  const repeated = declared?.find((key, index) => declared.indexOf(key) !== index);
  if (repeated !== undefined)
    context.report({
      code: 'WRONG_VALUE',
      path: [...path, 'output_keys'],
      message: `"${repeated}" stands twice in output_keys`,
    });
  return declared === null || declared.length === 0 ? null : declared;
}
