import { isJsonObject, type JsonObject } from '../json.ts';
import type { ParsedNode } from '../parsed-pipeline.ts';
import type { LambdaNodePlan, NodePlan, RoutePlan, SamplerAttributePlan, SamplerNodePlan } from '../plan.ts';
import type { LambdaNodeConfig, LlmNodeConfig, SamplerNodeConfig } from '../schema/node-schema.ts';
import { valueAt } from '../schema/describe-issue.ts';
import type { YamlPath } from '../yaml-source.ts';
import { type CompileContext, nearestHint } from './compile-context.ts';
import { compileLlmNode } from './compile-llm-node.ts';
import type { ModelTable } from './compile-models.ts';
import { compileSource } from './compile-source.ts';

export interface CompiledNode {
  /** null where the node cannot be read. */
  plan: NodePlan | null;
  writes: string[];
  /** It may write keys that it does not declare. */
  writesMore: boolean;
}

export interface CompileNodeOptions {
  context: CompileContext;
  node: ParsedNode;
  route: RoutePlan;
  models: ModelTable;
}

export function compileNode(options: CompileNodeOptions): CompiledNode {
  const { context, node, route, models } = options;
  const { config, name, path } = node;
  if (config === null) return { plan: null, writes: [], writesMore: true };
  if (config.node_type === 'weighted_sampler') {
    const plan = compileSampler(context, { config, name, path, route });
    return { plan, writes: plan.writes, writesMore: node.damaged };
  }
  const writes = outputKeys(context, config, path);
  if (config.node_type === 'lambda') {
    const plan = compileLambda(context, { config, name, path, route, writes: writes ?? [] });
    return { plan, writes: plan.writes, writesMore: node.damaged || writes === null };
  }
  const plan = compileLlmNode({ context, config, name, path, route, models, outputKeys: writes ?? ['messages'] });
  // Processors get the whole state; only declared keys bind a post-processor.
  const writesMore = node.damaged || plan.preProcess !== null || (plan.postProcess !== null && writes === null);
  return { plan, writes: plan.writes, writesMore };
}

/** null where none are declared. */
function outputKeys(
  context: CompileContext,
  config: LambdaNodeConfig | LlmNodeConfig,
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

interface LambdaParts {
  config: LambdaNodeConfig;
  name: string;
  path: YamlPath;
  route: RoutePlan;
  writes: string[];
}

function compileLambda(context: CompileContext, { config, name, path, route, writes }: LambdaParts): LambdaNodePlan {
  const reference = context.findReference(config.lambda, [...path, 'lambda'], {
    kinds: ['function', 'class'],
    method: 'apply',
  });
  const raw = valueAt(context.parsed.raw, path) as JsonObject;
  return { kind: 'lambda', name, route, writes, function: reference ?? '', config: raw };
}

interface SamplerParts {
  config: SamplerNodeConfig;
  name: string;
  path: YamlPath;
  route: RoutePlan;
}

function compileSampler(context: CompileContext, { config, name, path, route }: SamplerParts): SamplerNodePlan {
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

function compileAttribute(
  context: CompileContext,
  { attribute, settings, path }: AttributeParts,
): SamplerAttributePlan {
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
): SamplerAttributePlan['values'] {
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
