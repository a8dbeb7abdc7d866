import type { StructuredOutputConfig } from '../../schema/structured-output.ts';

export type FieldConfigs = Exclude<NonNullable<StructuredOutputConfig['schema']>, string>['fields'];

/** Our equivalents of the classes that SyGra brings along, by their names. */
export const BUILT_IN_SCHEMAS: Record<string, FieldConfigs> = {
  SimpleResponse: {
    message: { type: 'str', description: 'The answer itself' },
    success: { type: 'bool', description: 'Whether the task could be carried out', default: true },
  },
};
