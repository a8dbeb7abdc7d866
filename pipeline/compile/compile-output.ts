import type { OutputFieldPlan, OutputPlan } from '../plan.ts';
import { PROVENANCE_KEY } from '../provenance-key.ts';
import type { OutputFieldConfig } from '../schema/pipeline-schema.ts';
import type { YamlPath } from '../yaml-source.ts';
import type { StateKnowledge } from './check-variables.ts';
import { type CompileContext, type FoundExport, nearestHint } from './compile-context.ts';
import { type PathFault, resolveConfigurationPaths } from './configuration-path.ts';

const PATH = ['output_config'];

/** How the row of the dataset is made from a record's last state. */
export function compileOutput(context: CompileContext, knowledge: StateKnowledge): OutputPlan {
  const config = context.parsed.config.output_config;
  const map = config?.output_map ?? null;
  const generator = config?.generator
    ? context.findExport(config.generator, [...PATH, 'generator'], { kinds: ['class'] })
    : null;
  const makesRow = generator !== null && (generator.methods?.includes('generate') ?? map === null);
  if (generator !== null && map === null && !makesRow) {
    context.report({
      code: 'WRONG_EXPORT',
      path: [...PATH, 'generator'],
      message: 'This class has no method generate(), and there is no output_map',
      hint: 'Add one of the two.',
    });
  }
  const known = stateKeys(knowledge);
  const order = context.parsed.yaml
    .keys([...PATH, 'output_map'])
    .filter((field) => map !== null && Object.hasOwn(map, field));
  const fields =
    map === null
      ? null
      : order.map((field) =>
          compileField(context, {
            field,
            config: map[field]!,
            generator,
            hasGenerator: Boolean(config?.generator),
            known,
          }),
        );
  if (config?.provenance === true && map !== null && Object.hasOwn(map, PROVENANCE_KEY)) {
    context.report({
      code: 'CONFLICTING_WRITES',
      path: [...PATH, 'output_map', PROVENANCE_KEY],
      message: `With provenance: true every row gets a field of its own named ${PROVENANCE_KEY}`,
      hint: 'Name this field otherwise, or leave provenance out.',
    });
  }
  const mapper = config?.oasst_mapper;
  return {
    fields,
    generator: generator?.reference ?? null,
    customGenerate: makesRow,
    ...(config?.provenance === true ? { provenance: true } : {}),
    ...(mapper && {
      oasst: {
        required: mapper.required,
        type: mapper.type ?? 'sft',
        intermediateWriting: mapper.intermediate_writing ?? false,
      },
    }),
  };
}

interface FieldParts {
  field: string;
  config: OutputFieldConfig;
  generator: FoundExport | null;
  /** The pipeline names one, which may not have been found. */
  hasGenerator: boolean;
  /** Keys that the last state may have; null: cannot be told. */
  known: ReadonlySet<string> | null;
}

function compileField(
  context: CompileContext,
  { field, config, generator, hasGenerator, known }: FieldParts,
): OutputFieldPlan {
  const path = [...PATH, 'output_map', field];
  const { from, value, transform } = config;
  if (!from && value === undefined && !transform) {
    context.report({
      code: 'MISSING_KEY',
      path,
      target: { part: 'key' },
      message: `The output field "${field}" says neither "from" nor "value"`,
      hint: 'Add one of the two.',
    });
  }
  if (from && value === undefined && known !== null && !known.has(from)) {
    context.report({
      code: 'UNKNOWN_VARIABLE',
      severity: 'warning',
      path: [...path, 'from'],
      message: `Nothing provides "${from}", so the output field "${field}" will be empty`,
      hint: nearestHint(from, known),
      allowed: [...known],
    });
  }
  if (transform) checkTransform(context, { transform, path: [...path, 'transform'], generator, hasGenerator });
  const faults: PathFault[] = [];
  const resolved = value === undefined ? undefined : resolveConfigurationPaths(value, context.parsed.raw, faults);
  for (const { at, message, hint } of faults)
    context.report({ code: 'BAD_CONFIGURATION_PATH', path: [...path, 'value', ...at], message, hint });
  return {
    field,
    ...(from ? { from } : {}),
    ...(resolved === undefined ? {} : { value: resolved }),
    ...(transform ? { transform } : {}),
  };
}

interface TransformParts {
  transform: string;
  path: YamlPath;
  generator: FoundExport | null;
  hasGenerator: boolean;
}

function checkTransform(context: CompileContext, { transform, path, generator, hasGenerator }: TransformParts): void {
  if (!hasGenerator) {
    context.report({
      code: 'MISSING_KEY',
      path,
      message: `"${transform}" is a method of a generator, and there is none`,
      hint: 'Add output_config.generator.',
    });
    return;
  }
  const methods = generator?.methods ?? null;
  if (methods === null || methods.includes(transform)) return;
  context.report({
    code: 'MISSING_EXPORT',
    path,
    message: `The generator has no method ${transform}()`,
    hint: nearestHint(transform, methods) ?? `Add ${transform}(value, state) to it.`,
    allowed: methods,
  });
}

/** `id` is always taken as known: it names the record even where the source has no such column. */
function stateKeys({ columns, nodes }: StateKnowledge): Set<string> | null {
  if (columns === null || nodes.some((node) => node.writesMore)) return null;
  return new Set(['id', ...columns, ...nodes.flatMap((node) => node.writes)]);
}
