import { isJsonObject } from '../../json.ts';
import type { ListedAttributePlan, RoutePlan, SamplerNodePlan } from '../../plan.ts';
import { valueAt } from '../../schema/describe-issue.ts';
import type { SamplerNodeConfig } from '../../schema/nodes/sampler-node.ts';
import type { YamlPath } from '../../yaml-source.ts';
import { type CompileContext, nearestHint } from '../compile-context.ts';
import { compileSource } from '../compile-source.ts';

interface SamplerParts {
  config: SamplerNodeConfig;
  name: string;
  path: YamlPath;
  route: RoutePlan;
}

export function compileSamplerNode(
  context: CompileContext,
  { config, name, path, route }: SamplerParts,
): SamplerNodePlan {
  const attributes = Object.entries(config.attributes).map(([attribute, settings]) =>
    compileAttribute(context, { attribute, settings, path: [...path, 'attributes', attribute] }),
  );
  // Attributes of a wrong type have been reported and left out.
  const given = valueAt(context.parsed.raw, [...path, 'attributes']);
  if (attributes.length === 0 && isJsonObject(given) && Object.keys(given).length === 0) {
    context.report({
      code: 'WRONG_VALUE',
      path: [...path, 'attributes'],
      target: { part: 'key' },
      message: 'This sampler has no attributes',
      hint: 'Add one with values.',
    });
  }
  return { kind: 'weighted_sampler', name, route, writes: attributes.map((attribute) => attribute.name), attributes };
}

interface AttributeParts {
  attribute: string;
  settings: SamplerNodeConfig['attributes'][string];
  path: YamlPath;
}

function compileAttribute(context: CompileContext, { attribute, settings, path }: AttributeParts): ListedAttributePlan {
  const { values, weights } = settings;
  if (Array.isArray(values)) {
    const report = (at: string, message: string, hint: string): void =>
      context.report({ code: at === 'weights' ? 'BAD_WEIGHTS' : 'WRONG_VALUE', path: [...path, at], message, hint });
    if (values.length === 0) report('values', `"${attribute}" has no values to draw from`, 'Add at least one.');
    if (!weights) return { name: attribute, values };
    const negative = weights.find((weight) => weight < 0);
    if (weights.length !== values.length)
      report(
        'weights',
        `"${attribute}" has ${values.length} values but ${weights.length} weights`,
        'Give one weight for each value.',
      );
    else if (negative !== undefined)
      report('weights', `The weight ${negative} of "${attribute}" is negative`, 'Weights are 0 or more.');
    else if (weights.reduce((sum, weight) => sum + weight, 0) <= 0)
      report(
        'weights',
        `The weights of "${attribute}" add up to 0, so nothing can be drawn`,
        'Make at least one weight greater than 0.',
      );
    return { name: attribute, values, weights };
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
  values: Exclude<SamplerNodeConfig['attributes'][string]['values'], unknown[]>,
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
