import type { JsonObject } from '../../json.ts';
import type { AggregatePlan, RoutePlan, SetNodePlan, SetOperationPlan } from '../../plan.ts';
import { valueAt } from '../../schema/describe-issue.ts';
import type { LambdaNodeConfig } from '../../schema/nodes/lambda-node.ts';
import type { AggregateNodeConfig, RankNodeConfig, SelectDiverseNodeConfig, SetFunctionNodeConfig, SetNodeConfig } from '../../schema/nodes/set-node.ts';
import type { YamlPath } from '../../yaml-source.ts';
import type { CompileContext } from '../compile-context.ts';
import type { ModelTable } from '../compile-models.ts';
import { compileDeduplicate } from './compile-deduplicate.ts';

export interface SetNodeParts {
  context: CompileContext;
  config: SetNodeConfig | LambdaNodeConfig;
  name: string;
  path: YamlPath;
  route: RoutePlan;
  models: ModelTable;
  /** As `output_keys` has them, of the kinds that call a function. */
  outputKeys: string[] | null;
}

interface Compiled {
  operation: SetOperationPlan;
  writes: string[];
}

export function compileSetNode(parts: SetNodeParts): SetNodePlan {
  const { config, name, route } = parts;
  const scope = config.scope === 'batch' ? 'batch' : 'run';
  return { kind: 'set', name, route, scope, ...compileOperation(parts) };
}

function compileOperation(parts: SetNodeParts): Compiled {
  const { config } = parts;
  switch (config.node_type) {
    case 'deduplicate':
      return compileDuplicates({ ...parts, config });
    case 'select_diverse':
      return { operation: compileSelection(parts, config), writes: [] };
    case 'rank':
      return compileRank(config);
    case 'aggregate':
      return compileAggregate(parts, config);
    case 'lambda':
    case 'set_function':
      return compileFunction(parts, config);
  }
}

function compileDuplicates(parts: Parameters<typeof compileDeduplicate>[0]): Compiled {
  const operation = compileDeduplicate(parts);
  return { operation, writes: operation.tag === undefined ? [] : [operation.tag.into] };
}

function compileSelection({ models, name, path }: SetNodeParts, { field, count, model }: SelectDiverseNodeConfig): SetOperationPlan {
  const key = model === undefined ? null : models.useAlone({ node: name, model, path: [...path, 'model'] });
  return { kind: 'select_diverse', field, count, model: key };
}

function compileRank({ by, order, group_by: group, top, rank_key: key }: RankNodeConfig): Compiled {
  const rankKey = key ?? 'rank';
  const operation = { kind: 'rank', by, order: order ?? 'descending', group: group ?? null, top: top ?? null, rankKey } as const;
  return { operation, writes: [rankKey] };
}

function compileAggregate({ context, path }: SetNodeParts, config: AggregateNodeConfig): Compiled {
  const into = config.into ?? 'aggregate';
  const functions = Object.entries(config.functions).map(([name, figure]): AggregatePlan => {
    if (figure.field === undefined && figure.function !== 'count') {
      context.report({
        code: 'MISSING_KEY',
        path: [...path, 'functions', name],
        target: { part: 'key' },
        message: `The figure "${name}" says no field to take the ${figure.function} of`,
        hint: 'Add field: with a key of the state; only count does without.',
      });
    }
    return { name, function: figure.function, field: figure.field ?? null };
  });
  // One that cannot be read has been reported already, and is gone from the configuration.
  if (functions.length === 0 && Object.keys(valueAt(context.parsed.raw, [...path, 'functions']) ?? {}).length === 0) {
    context.report({
      code: 'WRONG_VALUE',
      path: [...path, 'functions'],
      target: { part: 'key' },
      message: 'This node computes nothing',
      hint: 'Add a figure, such as mean_score: {function: mean, field: judge.score}.',
    });
  }
  return { operation: { kind: 'aggregate', group: config.group_by ?? null, into, functions }, writes: [into] };
}

function compileFunction({ context, path, outputKeys }: SetNodeParts, config: SetFunctionNodeConfig | LambdaNodeConfig): Compiled {
  const [key, text] = config.node_type === 'lambda' ? ['lambda', config.lambda] : ['function', config.function];
  if (config.node_type === 'lambda' && config.rows === true) {
    context.report({
      code: 'WRONG_VALUE',
      path: [...path, 'rows'],
      target: { part: 'key' },
      message: 'A function over a set returns one state for each record, so it cannot make rows',
      hint: 'Remove rows, or scope; a fan_out node makes records of a list.',
    });
  }
  const reference = context.findReference(text, [...path, key], { kinds: ['function', 'class'], method: 'apply' });
  const raw = valueAt(context.parsed.raw, path) as JsonObject;
  return { operation: { kind: 'function', function: reference ?? '', config: raw, fields: config.fields ?? null }, writes: outputKeys ?? [] };
}
