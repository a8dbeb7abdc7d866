import { isJsonObject, type JsonObject, type JsonValue } from '../../pipeline/json.ts';
import type { LambdaNodePlan } from '../../pipeline/plan.ts';
import { callTask } from './call-task.ts';
import { changedState } from './changed-state.ts';
import { failedOutcome, type NodeOutcome, type NodeWork } from './node-work.ts';

/** Calls the task's function with the node's configuration and the state; what it returns is merged into the state. */
export async function runLambda(node: LambdaNodePlan, work: NodeWork): Promise<NodeOutcome[]> {
  const outcomes = await callTask(work, node.function, work.records.map((record) => [node.config, record.state]));
  return outcomes.map((outcome, index): NodeOutcome => {
    const before: JsonObject = work.records[index]?.state ?? {};
    if (!outcome.ok) return failedOutcome(work, outcome);
    if (node.rows) return splitOutcome({ node, work, before, value: outcome.value });
    if (isJsonObject(outcome.value)) return { kind: 'changed', change: changedState(before, outcome.value) };
    return failedOutcome(work, {
      code: 'FUNCTION_FAILED',
      message: `${node.function} returned ${describe(outcome.value)}; a lambda returns an object with the keys to change`,
    });
  });
}

/** Each state of the list becomes a record of its own; an empty list or nothing filters the record. */
function splitOutcome({ node, work, before, value }: { node: LambdaNodePlan; work: NodeWork; before: JsonObject; value: JsonValue }): NodeOutcome {
  const states = Array.isArray(value) ? value : value === null ? [] : null;
  const wrong = states?.find((state) => !isJsonObject(state));
  if (states === null || wrong !== undefined) {
    const found = states === null ? describe(value) : `${describe(wrong)} among its states`;
    return failedOutcome(work, { code: 'FUNCTION_FAILED', message: `${node.function} returned ${found}; a lambda with rows: true returns a list of states, or nothing` });
  }
  return { kind: 'split', children: states.filter(isJsonObject).map((state) => changedState(before, state)) };
}

function describe(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return isJsonObject(value) ? 'an object' : `a ${typeof value}`;
}
