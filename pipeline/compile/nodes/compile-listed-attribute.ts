import type { ListedAttributePlan } from '../../plan.ts';
import type { ListedAttributeConfig } from '../../schema/nodes/sampler-attribute.ts';
import type { YamlPath } from '../../yaml-source.ts';
import { type CompileContext, nearestHint } from '../compile-context.ts';
import { compileSource } from '../compile-source.ts';
import { checkWeights } from './check-weights.ts';

interface ListedParts {
  attribute: string;
  settings: ListedAttributeConfig;
  path: YamlPath;
}

/** Values from a list, or from columns of a source. */
export function compileListedAttribute(context: CompileContext, { attribute, settings, path }: ListedParts): ListedAttributePlan {
  const { values, weights } = settings;
  if (Array.isArray(values)) {
    checkWeights(context, { name: attribute, values, weights, path });
    return weights ? { name: attribute, values, weights } : { name: attribute, values };
  }
  if (weights)
    context.report({
      code: 'BAD_WEIGHTS',
      path: [...path, 'weights'],
      target: { part: 'key' },
      message: 'Values from a source are taken in order, without weights',
      hint: 'Remove the weights.',
    });
  return { name: attribute, values: attributeSource(context, values, [...path, 'values']) };
}

function attributeSource(
  context: CompileContext,
  values: Exclude<ListedAttributeConfig['values'], unknown[]>,
  path: YamlPath,
): ListedAttributePlan['values'] {
  const source = context.parsed.sources.find(
    (candidate) => candidate.path.join('\0') === [...path, 'source'].join('\0'),
  );
  const compiled = source === undefined ? { plan: null, columns: null } : compileSource(context, source);
  for (const column of values.column) {
    if (compiled.columns === null || compiled.columns.has(column)) continue;
    context.report({
      code: 'UNKNOWN_COLUMN',
      path: [...path, 'column'],
      message: `The source has no column "${column}"`,
      hint: nearestHint(column, compiled.columns),
      allowed: [...compiled.columns],
    });
  }
  // Where the source could not be compiled there is an error already, and no plan.
  return compiled.plan === null ? [] : { columns: values.column, source: compiled.plan };
}
