import { z } from 'zod';
import { BUILT_IN_TRANSFORMS, type BuiltInTransform, readTransformName } from '../built-in-transforms.ts';
import type { JsonObject } from '../json.ts';
import type { TransformationPlan } from '../plan.ts';
import { checkShape } from '../schema/check-shape.ts';
import { functionPath, jsonObject } from '../schema/common-schema.ts';
import type { TransformationConfig } from '../schema/source-schema.ts';
import { strictObject } from '../schema/strict-object.ts';
import type { YamlPath } from '../yaml-source.ts';
import { type CompileContext, nearestHint } from './compile-context.ts';

export interface CompileTransformationOptions {
  context: CompileContext;
  transformation: TransformationConfig;
  path: YamlPath;
  /** Before the transformation; null: cannot be told. */
  columns: Set<string> | null;
}

export interface CompiledTransformation {
  plan: TransformationPlan | null;
  columns: Set<string> | null;
}

/** One step of a source, and the columns that records have after it. */
export function compileTransformation(options: CompileTransformationOptions): CompiledTransformation {
  const { context, transformation, path } = options;
  const name = readTransformName(transformation.transform);
  const unusable = { plan: null, columns: null };
  if (name.kind === 'built-in') return compileBuiltIn(name.name, options);
  if (name.kind === 'user') {
    const expected = { kinds: ['function', 'class'] as const, method: 'transform' };
    const found = context.findExport(transformation.transform, [...path, 'transform'], expected);
    return found === null
      ? unusable
      : { plan: { kind: 'user', function: found.reference, params: transformation.params ?? {} }, columns: null };
  }
  if (name.kind === 'needless') {
    context.report({
      code: 'IGNORED_KEY',
      severity: 'warning',
      path: [...path, 'transform'],
      message: `The transform "${name.name}" has nothing to do`,
      hint: 'Image and audio columns, paths and urls are taken by image_url and audio_url parts as they are.',
    });
    return { plan: null, columns: options.columns };
  }
  context.report({
    code: 'WRONG_VALUE',
    path: [...path, 'transform'],
    message: `There is no transform "${transformation.transform}"`,
    hint:
      nearestHint(transformation.transform, BUILT_IN_TRANSFORMS) ??
      'Write one of your own and name it as ./functions.ts#name.',
    allowed: BUILT_IN_TRANSFORMS,
  });
  return unusable;
}

const count = z.int().min(0);

const PARAMS = {
  rename_fields: strictObject({
    name: 'rename_fields',
    shape: { mapping: z.record(z.string(), z.string().min(1)), overwrite: z.boolean().default(false) },
  }),
  add_new_field: strictObject({ name: 'add_new_field', shape: { mapping: jsonObject } }),
  add_retry_fields: strictObject({
    name: 'add_retry_fields',
    shape: {
      max_retries: count.default(3),
      initial_retry_count: count.default(0),
      original_current_user_text: z.string().nullable().default(''),
    },
  }),
  skip_records: strictObject({
    name: 'skip_records',
    shape: {
      skip_type: z.enum(['range', 'count']).optional(),
      range: z.string().optional(),
      count: strictObject({
        name: 'count',
        shape: { from_start: count.default(0), from_end: count.default(0) },
      }).optional(),
    },
  }),
  combine_records: strictObject({
    name: 'combine_records',
    shape: {
      skip: strictObject({
        name: 'skip',
        shape: { from_beginning: count.default(0), from_end: count.default(0) },
      }).optional(),
      combine: z.int().min(1).max(10_000).default(1),
      shift: z.int().min(1).default(1),
      join_column: z.record(z.string(), z.string()).default({}),
    },
  }),
  gather_conversations: strictObject({ name: 'gather_conversations', shape: {} }),
  filter: strictObject({ name: 'filter', shape: { function: functionPath, params: jsonObject.optional() } }),
};

type BuiltInCompiler<Name extends BuiltInTransform> = (
  params: z.output<(typeof PARAMS)[Name]>,
  options: CompileTransformationOptions,
) => CompiledTransformation;

function compileBuiltIn(name: BuiltInTransform, options: CompileTransformationOptions): CompiledTransformation {
  const { context, transformation } = options;
  const path = [...options.path, 'params'];
  const { config, diagnostics } = checkShape<z.ZodType>({
    schema: PARAMS[name],
    value: transformation.params ?? {},
    source: context.parsed.yaml,
    at: path,
  });
  context.diagnostics.push(...diagnostics);
  if (config === null || diagnostics.length > 0) return { plan: null, columns: null };
  return (COMPILERS[name] as BuiltInCompiler<never>)(config as never, { ...options, path });
}

const COMPILERS: { [Name in BuiltInTransform]: BuiltInCompiler<Name> } = {
  rename_fields: (params, { context, path, columns }) => {
    for (const old of Object.keys(params.mapping)) {
      if (columns !== null && !columns.has(old)) {
        context.report({
          code: 'UNKNOWN_COLUMN',
          severity: 'warning',
          path: [...path, 'mapping', old],
          target: { part: 'key' },
          message: `The source has no column "${old}" to rename`,
          hint: nearestHint(old, columns),
          allowed: [...columns],
        });
      }
    }
    const renamed =
      columns &&
      new Set([...columns].map((column) => (Object.hasOwn(params.mapping, column) ? params.mapping[column]! : column)));
    return { plan: { kind: 'rename_fields', ...params }, columns: renamed };
  },
  add_new_field: (params, { columns }) => addFields(params.mapping, columns),
  /** Fields by which a loop counts its tries. */
  add_retry_fields: (params, { columns }) =>
    addFields(
      {
        max_retries: params.max_retries,
        curr_retries: params.initial_retry_count,
        original_current_user_text: params.original_current_user_text,
      },
      columns,
    ),
  skip_records: (params, { context, path, columns }) => {
    const type = params.skip_type ?? (params.count === undefined ? 'range' : 'count');
    if (type === 'count')
      return {
        plan: {
          kind: 'skip_records',
          count: { fromStart: params.count?.from_start ?? 0, fromEnd: params.count?.from_end ?? 0 },
        },
        columns,
      };
    const ranges = parseRanges(params.range ?? '');
    if (ranges !== null) return { plan: { kind: 'skip_records', ranges }, columns };
    context.report({
      code: 'WRONG_VALUE',
      path: [...path, 'range'],
      message: `"range" is not a list of ranges`,
      hint: 'Write ranges as Python does, e.g. "[:10],[-10:]".',
    });
    return { plan: null, columns };
  },
  combine_records: (params, { columns }) => ({
    plan: {
      kind: 'combine_records',
      skip: { fromBeginning: params.skip?.from_beginning ?? 0, fromEnd: params.skip?.from_end ?? 0 },
      combine: params.combine,
      shift: params.shift,
      joinColumn: params.join_column,
    },
    columns: columns && new Set([...columns, ...Object.keys(params.join_column)]),
  }),
  gather_conversations: (_params, { columns }) => ({ plan: { kind: 'gather_conversations' }, columns: hasTrees(columns) ? null : columns }),
  filter: (params, { context, path, columns }) => {
    const found = context.findExport(params.function, [...path, 'function'], {
      kinds: ['function', 'class'],
      method: 'apply',
    });
    return { plan: found && { kind: 'filter', function: found.reference, params: params.params ?? {} }, columns };
  },
};

/** What trees become depends on their rows. */
function hasTrees(columns: Set<string> | null): boolean {
  return columns === null || (columns.has('message_id') && columns.has('parent_id'));
}

function addFields(mapping: JsonObject, columns: Set<string> | null): CompiledTransformation {
  return {
    plan: { kind: 'add_new_field', mapping },
    columns: columns && new Set([...columns, ...Object.keys(mapping)]),
  };
}

/** `[:10],[-10:]` as Python's slices; null where the text is none. */
function parseRanges(text: string): { from: number | null; to: number | null }[] | null {
  const parts = text.split(',').map((part) => /^\s*\[\s*(-?\d{1,15})?\s*:\s*(-?\d{1,15})?\s*\]\s*$/.exec(part));
  const bound = (digits: string | undefined): number | null => (digits === undefined ? null : Number(digits));
  return parts.some((part) => part === null)
    ? null
    : parts.map((part) => ({ from: bound(part![1]), to: bound(part![2]) }));
}
