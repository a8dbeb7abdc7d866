import type { JsonObject } from '../../json.ts';
import type { LambdaNodePlan, RoutePlan } from '../../plan.ts';
import { valueAt } from '../../schema/describe-issue.ts';
import type { LambdaNodeConfig } from '../../schema/nodes/lambda-node.ts';
import type { YamlPath } from '../../yaml-source.ts';
import type { CompileContext } from '../compile-context.ts';

interface LambdaParts {
  config: LambdaNodeConfig;
  name: string;
  path: YamlPath;
  route: RoutePlan;
  writes: string[];
}

export function compileLambdaNode(
  context: CompileContext,
  { config, name, path, route, writes }: LambdaParts,
): LambdaNodePlan {
  const reference = context.findReference(config.lambda, [...path, 'lambda'], {
    kinds: ['function', 'class'],
    method: 'apply',
  });
  const raw = valueAt(context.parsed.raw, path) as JsonObject;
  return { kind: 'lambda', name, route, writes, function: reference ?? '', config: raw, rows: config.rows ?? false };
}
