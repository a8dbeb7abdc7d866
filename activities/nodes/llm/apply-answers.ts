import { isJsonObject, type JsonObject } from '../../../pipeline/json.ts';
import type { AskingNodePlanBase } from '../../../pipeline/plan.ts';
import { callTask } from '../call-task.ts';
import { changedState } from '../changed-state.ts';
import type { RecordFailure, StateChange } from '../node-result.ts';
import type { NodeWork } from '../node-work.ts';
import type { AnsweredModel } from './asked-model.ts';
import type { Asking } from './asking.ts';
import { chatEntry } from './chat-history.ts';
import { answerText, changeByAnswer } from './read-answer.ts';

export type AppliedAnswer = { ok: true; change: StateChange } | { ok: false; failure: RecordFailure };

export interface AnswerToApply {
  asking: Asking;
  answered: AnsweredModel;
  /** Tools were offered: what is called of them goes into the state. */
  offersTools?: boolean;
  /** Speaker of the chat history; default: the node. */
  speaker?: string;
}

/** Turns answers into changes of the state: by the task's `post_process`, or as `output_keys` say. In the order of the entries. */
export async function applyAnswers(node: AskingNodePlanBase, work: NodeWork, entries: AnswerToApply[]): Promise<AppliedAnswer[]> {
  const reference = node.postProcess;
  const states = entries.map(seenState);
  const outcomes = reference === null ? null : await callTask(work, reference, entries.map((entry, index) => [messageOf(node, entry.answered), states[index] ?? {}]));
  return entries.map((entry, index): AppliedAnswer => {
    const { asking, answered } = entry;
    const failed = (failure: { code: string; message: string }): AppliedAnswer => ({ ok: false, failure: failureOf(work, entry, failure) });
    const outcome = outcomes?.[index];
    if (outcome === undefined) {
      const read = changeByAnswer(node, answered);
      return read.ok ? { ok: true, change: withExtras(node, entry, read.change) } : failed({ code: 'ANSWER_INVALID', message: read.message });
    }
    if (!outcome.ok) return failed(outcome);
    if (!isJsonObject(outcome.value)) return failed({ code: 'FUNCTION_FAILED', message: `${reference ?? ''} must return an object with the keys to change` });
    return { ok: true, change: withExtras(node, entry, changedState(asking.record.state, outcome.value)) };
  });
}

function seenState({ asking, answered, offersTools }: AnswerToApply): JsonObject {
  return offersTools === true ? { ...asking.state, tool_calls: answered.answer.message.tool_calls ?? [] } : asking.state;
}

function withExtras(node: AskingNodePlanBase, { asking, answered, offersTools, speaker }: AnswerToApply, change: StateChange): StateChange {
  const set = offersTools === true ? { tool_calls: answered.answer.message.tool_calls ?? [], ...change.set } : change.set;
  if (node.chat?.history !== true) return { ...change, set };
  const entry = chatEntry(speaker ?? node.name, asking.messages ?? [], answered.answer);
  return { ...change, set, history: [...(change.history ?? []), entry] };
}

function messageOf(node: AskingNodePlanBase, { answer }: AnsweredModel): JsonObject {
  return { role: node.outputRole, content: answer.message.content, tool_calls: answer.message.tool_calls ?? [] };
}

export function failureOf(work: NodeWork, { asking, answered }: Pick<AnswerToApply, 'asking' | 'answered'>, failure: { code: string; message: string }): RecordFailure {
  return {
    node: work.name,
    code: failure.code,
    message: failure.message,
    attempts: Math.max(1, answered.attempts),
    prompt: JSON.stringify(asking.messages),
    answer: answerText(answered.answer),
  };
}
