import type { AnswerProcessPlan } from '../../../pipeline/plan.ts';
import type { ModelAnswer } from '../../models/model-client.ts';
import { callTask } from '../call-task.ts';
import type { NodeWork } from '../node-work.ts';
import { removeThinking } from './remove-thinking.ts';

export type ProcessedAnswer = { ok: true; answer: ModelAnswer } | { ok: false; code: string; message: string };

/** The model's `post_process`: what it returns takes the place of the answer's text. Parts that are not text are left alone. */
export async function processAnswer(work: NodeWork, plan: AnswerProcessPlan | null, answer: ModelAnswer): Promise<ProcessedAnswer> {
  const { content } = answer.message;
  if (plan === null || typeof content !== 'string') return { ok: true, answer };
  if (plan.kind === 'remove_thinking') {
    const { text, thinking } = removeThinking(content);
    const reasoning = answer.reasoning ?? thinking;
    const message = { ...answer.message, content: text };
    return { ok: true, answer: reasoning === null ? { ...answer, message } : { ...answer, message, reasoning } };
  }
  const [outcome] = await callTask(work, plan.function, [[content]]);
  if (outcome === undefined || !outcome.ok) return outcome ?? { ok: false, code: 'FUNCTION_FAILED', message: `${plan.function} gave no answer` };
  if (typeof outcome.value === 'string') return { ok: true, answer: { ...answer, message: { ...answer.message, content: outcome.value } } };
  return { ok: false, code: 'FUNCTION_FAILED', message: `${plan.function} must return the text of the answer` };
}
