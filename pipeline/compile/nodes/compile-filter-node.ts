import { isJsonObject } from '../../json.ts';
import type { FilterNodePlan, RoutePlan, WherePlan } from '../../plan.ts';
import type { FilterNodeConfig } from '../../schema/nodes/filter-node.ts';
import { valueAt } from '../../schema/describe-issue.ts';
import type { YamlPath } from '../../yaml-source.ts';
import type { CompileContext } from '../compile-context.ts';
import { compileWhere } from '../compile-where.ts';

interface FilterParts {
  config: FilterNodeConfig;
  name: string;
  path: YamlPath;
  route: RoutePlan;
}

/** null where it has no condition that can be carried out, which has been reported. */
export function compileFilterNode(context: CompileContext, parts: FilterParts): FilterNodePlan | null {
  const where = wherePlan(context, parts);
  return where === null ? null : { kind: 'filter', name: parts.name, route: parts.route, writes: [], where };
}

function wherePlan(context: CompileContext, { config, path }: FilterParts): WherePlan | null {
  const { where, function: text } = config;
  // One that cannot be read has been reported already, and is gone from the configuration.
  const written = valueAt(context.parsed.raw, path);
  if (!where && !text && isJsonObject(written) && (written['where'] !== undefined || written['function'] !== undefined)) return null;
  if (!where === !text) {
    context.report({
      code: where ? 'WRONG_VALUE' : 'MISSING_KEY',
      path: where ? [...path, 'function'] : path,
      target: { part: 'key' },
      message: where ? 'A filter has where or function, not both' : 'A filter needs where or function',
      hint: where ? 'Remove one of them.' : 'Add where: with a condition such as score >= 4, or function: with a function (state) => boolean.',
    });
    return null;
  }
  if (where) {
    const expression = compileWhere(context, where, [...path, 'where']);
    return expression === null ? null : { kind: 'expression', expression };
  }
  const reference = context.findReference(text, [...path, 'function'], { kinds: ['function', 'class'], method: 'apply' });
  return reference === null ? null : { kind: 'function', function: reference };
}
