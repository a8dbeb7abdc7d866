import type { FanOutNodePlan, RoutePlan } from '../../plan.ts';
import type { FanOutNodeConfig } from '../../schema/nodes/fan-out-node.ts';
import type { YamlPath } from '../../yaml-source.ts';
import type { CompileContext } from '../compile-context.ts';

interface FanOutParts {
  config: FanOutNodeConfig;
  name: string;
  path: YamlPath;
  route: RoutePlan;
}

export function compileFanOutNode(context: CompileContext, { config, name, path, route }: FanOutParts): FanOutNodePlan {
  const as = config.as ?? 'item';
  const indexKey = config.index_key ?? null;
  if (indexKey === as) {
    context.report({
      code: 'WRONG_VALUE',
      path: [...path, 'index_key'],
      message: `"${as}" would take both the item and its number`,
      hint: 'Give index_key another name than as.',
    });
  }
  return { kind: 'fan_out', name, route, writes: indexKey === null ? [as] : [as, indexKey], items: config.items, as, indexKey };
}
