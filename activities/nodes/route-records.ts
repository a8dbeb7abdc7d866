import type { JsonObject, JsonValue } from '../../pipeline/json.ts';
import { END, type Plan, type RoutePlan } from '../../pipeline/plan.ts';
import { callTask } from './call-task.ts';
import { failedOutcome, type NodeOutcome, type NodeWork } from './node-work.ts';

/** Where each record goes; a record whose condition fails has failed. */
export type Routed = { targets: number[] } | { outcome: NodeOutcome };

/**
 * Asks every condition of a route about the states after the node. Runs in the activity of the
 * source node, so that a decision is made once and is part of its accepted result.
 */
export async function routeRecords(options: {
  work: NodeWork;
  plan: Plan;
  route: RoutePlan;
  states: JsonObject[];
}): Promise<Routed[]> {
  const { work, plan, route, states } = options;
  const targets = states.map(() => new Set(route.always));
  const failures = new Map<number, NodeOutcome>();
  for (const condition of route.conditions) {
    const answers = await callTask(work, condition.function, states.map((state) => [state]));
    answers.forEach((answer, index) => {
      if (!answer.ok) return failures.set(index, failedOutcome(work, answer));
      for (const name of Array.isArray(answer.value) ? answer.value : [answer.value]) {
        const path = typeof name === 'string' ? name : JSON.stringify(name);
        const known = answeredPath(path, condition.paths);
        const found = known === null ? undefined : condition.paths[known];
        if (found === undefined) return failures.set(index, unknownPath(work, { condition: condition.function, paths: Object.keys(condition.paths), name }));
        for (const target of found) targets[index]?.add(target);
      }
      return undefined;
    });
  }
  return targets.map((set, index): Routed => {
    const outcome = failures.get(index);
    if (outcome !== undefined) return { outcome };
    return { targets: inPlanOrder(set.size === 0 ? [END] : [...set], plan.nodes.length) };
  });
}

/** langgraph's name for the end, which Python conditions answer with, where the file says END; or the other way round. */
function answeredPath(path: string, paths: Record<string, number[]>): string | null {
  const spellings = path === '__end__' ? [path, 'END'] : path === 'END' ? [path, '__end__'] : [path];
  return spellings.find((spelling) => Object.hasOwn(paths, spelling)) ?? null;
}

function unknownPath(work: NodeWork, { condition, paths, name }: { condition: string; paths: string[]; name: JsonValue }): NodeOutcome {
  const allowed = paths.map((path) => `"${path}"`).join(', ');
  return failedOutcome(work, {
    code: 'ROUTE_INVALID',
    message: `the condition ${condition} answered ${JSON.stringify(name)}; its path_map has ${allowed}`,
  });
}

function inPlanOrder(targets: number[], nodes: number): number[] {
  const rank = (target: number): number => (target === END ? nodes : target);
  return targets.sort((left, right) => rank(left) - rank(right));
}
