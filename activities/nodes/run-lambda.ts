import { isJsonObject, type JsonObject } from '../../pipeline/json.ts';
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
    if (isJsonObject(outcome.value)) return { kind: 'changed', change: changedState(before, outcome.value) };
    return failedOutcome(work, {
      code: 'FUNCTION_FAILED',
      message: `${node.function} returned ${describe(outcome.value)}; a lambda returns an object with the keys to change`,
    });
  });
}

function describe(value: unknown): string {
  return value === null ? 'nothing' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
