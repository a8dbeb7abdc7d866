import type { CompiledGraph } from './compiled-graph.ts';
import { END, type ConditionPlan, type RoutePlan } from '../plan.ts';
import { forwardGraph } from '../reachability.ts';
import { bypassIdle } from './bypass-idle.ts';
import { checkGraph } from './check-graph.ts';
import type { CompileContext } from './compile-context.ts';
import { END_NAME, type NamedRoute, readRoutes, START_NAME } from './read-routes.ts';

export function compileGraph(context: CompileContext): CompiledGraph {
  for (const { name, path } of context.parsed.nodes) {
    if (name !== START_NAME && name !== END_NAME) continue;
    context.report({
      code: 'WRONG_VALUE',
      path,
      target: { part: 'key' },
      message: `A node cannot be called ${name}`,
      hint: 'START and END are there already; only edges name them.',
    });
  }
  const named = readRoutes(context);
  bypassIdle(context, named);
  const names = [...named.keys()].filter((name) => name !== START_NAME);
  const indexes = new Map([[END_NAME, END], ...names.map((name, index): [string, number] => [name, index])]);
  const routes = names.map((name) => compileRoute(context, named.get(name)!, indexes));
  const startRoute = compileRoute(context, named.get(START_NAME)!, indexes);
  const start = routeTargets(startRoute);
  const targets = routes.map(routeTargets);
  const broken = new Set([...names.keys()].filter((index) => named.get(names[index]!)!.broken));
  const { successors, reach } = forwardGraph(start, targets);
  const startBroken = named.get(START_NAME)!.broken;
  const graph = { names, startRoute, routes, start, targets, broken, startBroken, successors, reach };
  checkGraph(context, graph);
  return graph;
}

function compileRoute(context: CompileContext, route: NamedRoute, indexes: ReadonlyMap<string, number>): RoutePlan {
  const numbers = (targets: string[]): number[] => targets.map((target) => indexes.get(target)!);
  const conditions = route.conditions.map((condition): ConditionPlan => {
    const reference = context.findReference(condition.text, [...condition.path, 'condition'], {
      kinds: ['function', 'class'],
      method: 'apply',
    });
    return {
      function: reference ?? '',
      paths: Object.fromEntries([...condition.paths].map(([answer, targets]) => [answer, numbers(targets)])),
    };
  });
  return { always: numbers(route.always), conditions };
}

function routeTargets(route: RoutePlan): number[] {
  return [...new Set([...route.always, ...route.conditions.flatMap(({ paths }) => Object.values(paths).flat())])];
}
