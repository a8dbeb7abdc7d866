import { isJsonObject, type JsonObject } from '../../../pipeline/json.ts';
import type { LlmNodePlan } from '../../../pipeline/plan.ts';
import { callTask } from '../call-task.ts';
import { changedState } from '../changed-state.ts';
import { failedOutcome, type NodeWork } from '../node-work.ts';
import type { Asking } from './asking.ts';
import { answerText, changeByAnswer } from './read-answer.ts';

/** Turns answers into changes of the state: by the task's function, or as `output_keys` say. */
export async function postProcess(node: LlmNodePlan, work: NodeWork, askings: Asking[]): Promise<void> {
  const answered = askings.filter((asking) => asking.outcome === null && asking.answer !== null);
  const reference = node.postProcess;
  const outcomes =
    reference === null ? null : await callTask(work, reference, answered.map((asking) => [messageOf(node, asking), asking.state]));
  answered.forEach((asking, index) => {
    const answer = asking.answer;
    if (answer === null) return;
    const evidence = { attempts: Math.max(1, asking.attempts), prompt: JSON.stringify(asking.request?.messages), answer: answerText(answer) };
    const outcome = outcomes?.[index];
    if (outcome === undefined) {
      const read = changeByAnswer(node, answer);
      asking.outcome = read.ok ? { kind: 'changed', change: read.change } : failedOutcome(work, { code: 'ANSWER_INVALID', message: read.message, ...evidence });
    } else if (!outcome.ok) asking.outcome = failedOutcome(work, { ...outcome, ...evidence });
    else if (isJsonObject(outcome.value)) asking.outcome = { kind: 'changed', change: changedState(asking.record.state, outcome.value) };
    else asking.outcome = failedOutcome(work, { code: 'FUNCTION_FAILED', message: `${reference ?? ''} must return an object with the keys to change`, ...evidence });
  });
}

function messageOf(node: LlmNodePlan, asking: Asking): JsonObject {
  const message = asking.answer?.message;
  return { role: node.outputRole, content: message?.content ?? '', tool_calls: message?.tool_calls ?? [] };
}
