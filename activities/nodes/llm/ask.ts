import type { AnswerPolicy, LlmNodePlan, ModelPlan } from '../../../pipeline/plan.ts';
import { addStatistics, emptyStatistics } from '../../../pipeline/run-statistics.ts';
import { callKey, requestHash } from '../../journal/call-key.ts';
import type { ModelAnswer, ModelRequest } from '../../models/model-client.ts';
import { failedOutcome, type NodeWork } from '../node-work.ts';
import type { Asking } from './asking.ts';
import type { CallJournal } from './call-journal.ts';
import { RecordRejected, callWithPatience } from './call-with-patience.ts';
import { answerText, changeByAnswer, faultOf, type AnswerFault } from './read-answer.ts';

export interface Ask {
  node: LlmNodePlan;
  work: NodeWork;
  model: ModelPlan;
  journal: CallJournal;
  asking: Asking;
  request: ModelRequest;
  /** Gives up calls in flight, some time after `work.signal` has kept new ones from starting. */
  flightSignal: AbortSignal;
}

/** Asks for one record until there is an answer that the node's policies keep, or the record has failed. */
export async function ask(options: Ask): Promise<void> {
  const { node, work, model, asking, request } = options;
  const { seed } = work.run.description;
  const simulated = work.dependencies.gateway.isSimulated(model);
  const hash = requestHash({ model, request, simulated });
  for (let repair = 0; ; repair += 1) {
    const identity = { seed, recordId: asking.record.source.id, node: work.name, visit: asking.record.visit, sample: 0, repair };
    const answer = await answerFor({ ...options, key: callKey(identity, hash) });
    if (answer === null) return;
    const fault = faultOf(answer);
    if (fault !== null) countFault(work, fault);
    const policy = policyFor(node, fault);
    if (policy === 'keep') {
      asking.answer = answer;
      return;
    }
    if (policy === 'fail' || repair + 1 >= model.maxAttempts) {
      asking.outcome = failedOutcome(work, {
        code: fault ?? 'ANSWER_EMPTY',
        message: faultMessage(fault, answer),
        attempts: repair + 1,
        prompt: JSON.stringify(request.messages),
        answer: answerText(answer),
      });
      return;
    }
  }
}

function policyFor(node: LlmNodePlan, fault: AnswerFault | null): AnswerPolicy {
  if (fault === null) return 'keep';
  return fault === 'ANSWER_TRUNCATED' ? node.onTruncation : node.onEmpty;
}

function isUsable(node: LlmNodePlan, answer: ModelAnswer): boolean {
  if (policyFor(node, faultOf(answer)) !== 'keep') return false;
  return node.postProcess !== null || changeByAnswer(node, answer).ok;
}

/** From the journal, or asked and journaled; null when the record was rejected, with its outcome set. */
async function answerFor(
  options: Ask & { key: string },
): Promise<ModelAnswer | null> {
  const { work, model, journal, asking, request, key } = options;
  const found = await journal.find(key);
  // An earlier run's answer that would only fail the record again is not worth having.
  if (found !== null && (found.run === null || isUsable(options.node, found.answer))) {
    count({ work, model, answer: found.answer, reused: found.run !== null });
    if (found.run !== null) {
      work.run.live.reusedFrom(found.run);
      // Copied, so that a later run needs to search this one only.
      await journal.answered(key, found.answer, found.run);
    }
    return found.answer;
  }
  try {
    await journal.prepare();
    const firstAttempts = work.run.firstAttempts(model.name);
    const { answer, attempts } = await callWithPatience({ work, model, request, key, journal, firstAttempts, flightSignal: options.flightSignal });
    await journal.answered(key, answer);
    asking.attempts = attempts;
    count({ work, model, answer, reused: false });
    return answer;
  } catch (error) {
    if (!(error instanceof RecordRejected)) throw error;
    const { code, attempts, message } = error;
    asking.outcome = failedOutcome(work, { code, attempts, message, prompt: JSON.stringify(request.messages) });
    return null;
  }
}

function count(options: { work: NodeWork; model: ModelPlan; answer: ModelAnswer; reused: boolean }): void {
  const { work, model, answer, reused } = options;
  const { promptTokens, completionTokens } = answer.usage;
  const price = work.dependencies.gateway.isSimulated(model) ? { input: 0, output: 0 } : model.price;
  const paid = price && (promptTokens * price.input + completionTokens * price.output) / 1e6;
  const added = reused ? { reused: 1 } : { calls: 1, promptTokens, completionTokens, cost: paid };
  Object.assign(work.statistics, addStatistics(work.statistics, { ...emptyStatistics(), ...added }));
  work.run.live.add(work.name, added);
}

function countFault(work: NodeWork, fault: AnswerFault): void {
  const key = { ANSWER_TRUNCATED: 'truncated', ANSWER_EMPTY: 'empty', ANSWER_REFUSED: 'refused' } as const;
  work.statistics[key[fault]] += 1;
  work.run.live.add(work.name, { [key[fault]]: 1 });
}

function faultMessage(fault: AnswerFault | null, answer: ModelAnswer): string {
  if (fault === 'ANSWER_TRUNCATED') return 'the answer was cut by max_tokens; raise it, or set on_truncation: keep or retry';
  if (fault === 'ANSWER_REFUSED') return `the model refused (${(answer.refusal ?? 'content filter').replace(/[.\s]+$/, '')}); on_empty: keep or retry would go on`;
  return 'the answer has no content; on_empty: keep or retry would go on';
}
