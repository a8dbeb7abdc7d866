import { isJsonSchema } from './call-target.ts';

/**
 * A zod schema as JSON schema. null where it cannot be told: a schema of an older zod checks values
 * all the same. Runs in function threads.
 */
export function describeSchema(exported: unknown): unknown {
  if (isJsonSchema(exported)) return exported;
  if (typeof exported !== 'object' || exported === null || !('toJSONSchema' in exported)) return null;
  if (typeof exported.toJSONSchema !== 'function') return null;
  const { $schema: _dialect, ...described } = (exported as Describable).toJSONSchema({ io: 'input', unrepresentable: 'any' });
  return described;
}

interface Describable {
  toJSONSchema: (options: object) => Record<string, unknown>;
}
