import { isJsonObject } from '../../json.ts';
import type { RoutePlan, SamplerAttributePlan, SamplerNodePlan } from '../../plan.ts';
import { valueAt } from '../../schema/describe-issue.ts';
import { isListedAttribute } from '../../schema/nodes/sampler-attribute.ts';
import type { SamplerNodeConfig } from '../../schema/nodes/sampler-node.ts';
import type { YamlPath } from '../../yaml-source.ts';
import { type CompileContext, nearestHint } from '../compile-context.ts';
import { compileDrawnAttribute } from './compile-drawn-attribute.ts';
import { compileListedAttribute } from './compile-listed-attribute.ts';

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
  const attributes: SamplerAttributePlan[] = [];
  for (const [attribute, settings] of Object.entries(config.attributes)) {
    const at = [...path, 'attributes', attribute];
    if (isListedAttribute(settings)) {
      attributes.push(compileListedAttribute(context, { attribute, settings, path: at }));
      continue;
    }
    const draw = compileDrawnAttribute(context, { attribute, settings, path: at });
    attributes.push({ name: attribute, draw });
    if (draw.kind === 'subcategory') checkCategory(context, { attribute, of: draw.of, lists: draw.values, path: at, all: Object.keys(config.attributes), attributes });
  }
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
  return { kind: 'weighted_sampler', name, route, writes: attributes.flatMap(writtenKeys), attributes };
}

/** A person whose fields are named becomes a key for each of them. */
function writtenKeys(attribute: SamplerAttributePlan): string[] {
  const fields = 'draw' in attribute && attribute.draw.kind === 'person' ? attribute.draw.fields : null;
  return fields === null ? [attribute.name] : fields.map((field) => `${attribute.name}_${field}`);
}

interface Category {
  attribute: string;
  of: string;
  lists: Record<string, unknown>;
  path: YamlPath;
  /** Names of all attributes. */
  all: string[];
  /** Those up to this one. */
  attributes: SamplerAttributePlan[];
}

/** Of a category that is drawn here: it must come first, and each of its values needs a list. */
function checkCategory(context: CompileContext, { attribute, of, lists, path, all, attributes }: Category): void {
  const category = attributes.find(({ name }) => name === of);
  if (of === attribute || (category === undefined && all.includes(of))) {
    const message = of === attribute ? `"${attribute}" depends on itself` : `"${attribute}" depends on "${of}", which is drawn after it`;
    context.report({ code: 'WRONG_VALUE', path: [...path, 'category'], message, hint: of === attribute ? 'Name another attribute.' : `Move "${of}" above it.` });
    return;
  }
  if (category === undefined || !('values' in category) || !Array.isArray(category.values)) return;
  const drawn = category.values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  for (const value of new Set(drawn)) {
    if (Object.hasOwn(lists, value)) continue;
    const message = `"${attribute}" has no values for ${of} "${value}"`;
    context.report({ code: 'WRONG_VALUE', path: [...path, 'values'], target: { part: 'key' }, message, hint: nearestHint(value, Object.keys(lists)) ?? 'Add a list for it.' });
  }
}
