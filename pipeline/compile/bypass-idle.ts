import type { CompileContext } from './compile-context.ts';
import type { NamedRoute } from './read-routes.ts';

/**
 * Takes idle nodes out of the graph. What leads to an idle node leads on to where it leads, so that
 * switching a step off leaves the steps around it connected (SyGra refuses such edges). Conditions
 * of an idle node pass to the nodes before it.
 */
export function bypassIdle(context: CompileContext, routes: Map<string, NamedRoute>): void {
  for (const node of context.parsed.nodes) {
    if (node.config?.node_state !== 'idle') continue;
    const { name } = node;
    const idle = routes.get(name)!;
    routes.delete(name);
    const onward = idle.always.filter((target) => target !== name);
    if (onward.length === 0 && idle.conditions.length === 0 && !idle.broken && !context.parsed.damaged.edges) {
      const message = `No edge leads on from the idle node "${name}", so records that come to it never reach END`;
      context.report({
        code: 'NO_PATH_TO_END',
        path: node.path,
        target: { part: 'key' },
        message,
        hint: `Add - from: ${name}, to: END.`,
      });
    }
    const replace = (targets: string[]): string[] =>
      targets.includes(name)
        ? [...new Set(targets.flatMap((target) => (target === name ? onward : [target])))]
        : targets;
    for (const route of routes.values()) {
      if (route.always.includes(name)) {
        route.conditions.push(
          ...idle.conditions.map((condition) => ({ ...condition, paths: new Map(condition.paths) })),
        );
        route.broken ||= idle.broken;
      }
      route.always = replace(route.always);
      for (const condition of route.conditions) bypassCondition({ context, name, idle, condition, replace });
    }
  }
}

interface BypassCondition {
  context: CompileContext;
  name: string;
  idle: NamedRoute;
  condition: NamedRoute['conditions'][number];
  replace: (targets: string[]) => string[];
}

function bypassCondition({ context, name, idle, condition, replace }: BypassCondition): void {
  const own = idle.conditions.some(({ path }) => path === condition.path);
  for (const [answer, targets] of condition.paths) {
    if (!targets.includes(name)) continue;
    if (idle.conditions.length > 0 && !own) {
      context.report({
        code: 'WRONG_VALUE',
        path: [...condition.path, 'path_map', answer],
        message: `"${name}" is idle and branches by a condition itself, so this answer has no one place to go on to`,
        hint: `Lead this answer to another node while "${name}" is idle.`,
      });
    }
    condition.paths.set(answer, replace(targets));
  }
}
