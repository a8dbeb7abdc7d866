import { nearestName } from '../nearest-name.ts';
import type { ParsedEdge } from '../parsed-pipeline.ts';
import type { YamlPath } from '../yaml-source.ts';
import type { CompileContext } from './compile-context.ts';

export const START_NAME = 'START';
export const END_NAME = 'END';

/** Where a node leads, by names. */
export interface NamedRoute {
  always: string[];
  conditions: NamedCondition[];
  /** An edge of it leads nowhere: it cannot be said that the node leads to no END. */
  broken: boolean;
}

export interface NamedCondition {
  /** The function as the pipeline names it. */
  text: string;
  /** Of the edge. */
  path: YamlPath;
  paths: Map<string, string[]>;
}

/** The edges of the file, gathered by the node that they leave, START included. */
export function readRoutes(context: CompileContext): Map<string, NamedRoute> {
  const names = [START_NAME, ...context.parsed.nodes.map((node) => node.name)];
  const routes = new Map(
    names.map((name): [string, NamedRoute] => [name, { always: [], conditions: [], broken: false }]),
  );
  for (const edge of context.parsed.edges) readEdge(context, routes, edge);
  return routes;
}

function readEdge(context: CompileContext, routes: Map<string, NamedRoute>, { config, path }: ParsedEdge): void {
  const { from, to, condition, path_map: pathMap } = config;
  // What stands in the place of an edge that could not be read.
  if (to?.length === 0 && condition === undefined && context.parsed.damaged.edges) return;
  const origin = knownName({
    context,
    names: [...routes.keys()],
    name: from,
    path: [...path, 'from'],
    code: 'UNKNOWN_NODE',
  });
  const route = routes.get(origin ?? '') ?? { always: [], conditions: [], broken: false };
  const targets = (list: string[], at: YamlPath, code: 'UNKNOWN_NODE' | 'UNKNOWN_PATH_TARGET'): string[] =>
    list.flatMap((name, index) => {
      const own = [...at, index];
      const names = [...routes.keys(), END_NAME].filter((candidate) => candidate !== START_NAME);
      const target = knownName({ context, names, name, path: list.length > 1 ? own : at, code });
      if (target === null) route.broken = true;
      return target === null ? [] : [target];
    });
  checkForm(context, { config, path });
  for (const target of targets(to ?? [], [...path, 'to'], 'UNKNOWN_NODE'))
    if (!route.always.includes(target)) route.always.push(target);
  if (condition === null || condition === undefined) return;
  const paths = new Map(
    Object.entries(pathMap ?? {}).map(([answer, list]) => [
      answer,
      targets(list, [...path, 'path_map', answer], 'UNKNOWN_PATH_TARGET'),
    ]),
  );
  if (paths.size === 0) route.broken = true;
  route.conditions.push({ text: condition, path, paths });
}

function checkForm(context: CompileContext, { config, path }: ParsedEdge): void {
  const { to, condition, path_map: pathMap } = config;
  const report = (code: 'MISSING_KEY' | 'WRONG_VALUE', at: YamlPath, message: string, hint: string): void => {
    context.report({ code, path: at, target: { part: 'key' }, message, hint });
  };
  const isConditional = condition !== null && condition !== undefined;
  const answers = Object.keys(pathMap ?? {}).length;
  const hasTarget = (to?.length ?? 0) > 0;
  if (isConditional && answers === 0)
    report(
      'MISSING_KEY',
      [...path, 'condition'],
      'This condition has no path_map',
      'Add path_map with a node for each answer of the condition.',
    );
  else if (!isConditional && answers > 0)
    report(
      'MISSING_KEY',
      [...path, 'path_map'],
      'This path_map has no condition',
      'Add the condition whose answers it maps.',
    );
  else if (!isConditional && !hasTarget)
    report('MISSING_KEY', path, 'This edge leads nowhere', 'Add to: with a node or END.');
  if (isConditional && hasTarget)
    report('WRONG_VALUE', [...path, 'to'], 'An edge has either "to" or a condition', 'Write two edges.');
}

interface NameLookup {
  context: CompileContext;
  names: string[];
  name: string;
  path: YamlPath;
  code: 'UNKNOWN_NODE' | 'UNKNOWN_PATH_TARGET';
}

/** The name itself, or the one that was meant by a misspelt one, so that one fault is not reported as three. */
function knownName({ context, names, name, path, code }: NameLookup): string | null {
  if (names.includes(name)) return name;
  const nearest = nearestName(name, names);
  const special = name === START_NAME || name === END_NAME;
  const role =
    code === 'UNKNOWN_PATH_TARGET'
      ? 'This answer leads to'
      : path.at(-1) === 'from'
        ? 'This edge leaves'
        : 'This edge leads to';
  const hint = special
    ? `${name} cannot stand here.`
    : nearest === null
      ? 'Add the node, or name one that exists.'
      : `Did you mean "${nearest}"?`;
  context.report({
    code,
    path,
    message: `${role} "${name}", ${special ? 'which is not possible' : 'which is not a node'}`,
    hint,
    allowed: names,
  });
  return nearest;
}
