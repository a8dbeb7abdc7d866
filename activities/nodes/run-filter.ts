import { matchesWhere } from '../../pipeline/matches-where.ts';
import type { FilterNodePlan } from '../../pipeline/plan.ts';
import { callTask } from './call-task.ts';
import { failedOutcome, type NodeOutcome, type NodeWork } from './node-work.ts';

const STAYS: NodeOutcome = { kind: 'changed', change: { set: {} } };

/** Records that meet the condition go on as they are; the others end here. */
export async function runFilter(node: FilterNodePlan, work: NodeWork): Promise<NodeOutcome[]> {
  const { where } = node;
  if (where.kind === 'expression') {
    return work.records.map(({ state }) => (matchesWhere(where.expression, state) ? STAYS : { kind: 'filtered' }));
  }
  const answers = await callTask(work, where.function, work.records.map(({ state }) => [state]));
  return answers.map((answer): NodeOutcome => {
    if (!answer.ok) return failedOutcome(work, answer);
    if (answer.value === true) return STAYS;
    if (answer.value === false) return { kind: 'filtered' };
    const message = `${where.function} answered ${JSON.stringify(answer.value)?.slice(0, 200)}; a filter answers true or false`;
    return failedOutcome(work, { code: 'FUNCTION_FAILED', message });
  });
}
