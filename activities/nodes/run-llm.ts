import { SyngraphError } from '../../pipeline/errors.ts';
import { isJsonObject, type JsonObject } from '../../pipeline/json.ts';
import type { LlmNodePlan, ModelPlan } from '../../pipeline/plan.ts';
import { renderTemplate } from '../../pipeline/template.ts';
import { callKey, requestHash } from '../journal/call-key.ts';
import type { ChatMessage, ModelAnswer, ModelRequest } from '../models/model-client.ts';
import { addStatistics, emptyStatistics } from '../../workflows/interface.ts';
import { callTask } from './call-task.ts';
import { changedState } from './changed-state.ts';
import { openCallJournal, type CallJournal } from './llm/call-journal.ts';
import { ModelDown, RecordRejected, callWithPatience } from './llm/call-with-patience.ts';
import { answerText, changeByAnswer, faultOf, type AnswerFault } from './llm/read-answer.ts';
import { failedOutcome, type NodeOutcome, type NodeWork, type WorkRecord } from './node-work.ts';
import { PauseRun } from './pause-run.ts';

/** A record on its way through the node: what it will ask, then what was answered, or how it ended. */
interface Asking {
  record: WorkRecord;
  /** State after `pre_process`: what the prompt and the post-processor see. */
  state: JsonObject;
  request: ModelRequest | null;
  answer: ModelAnswer | null;
  attempts: number;
  outcome: NodeOutcome | null;
}

/** Prompts a model for every record: pre-process, render, ask through the journal, post-process. */
export async function runLlm(node: LlmNodePlan, work: NodeWork): Promise<NodeOutcome[]> {
  const model = work.run.plan.models[node.model];
  if (model === undefined) throw new SyngraphError({ code: 'STORE_INVALID', message: `the plan has no model ${node.model}` });
  const askings = await preProcess(node, work);
  for (const asking of askings) asking.request = asking.outcome === null ? render({ node, work, asking }) : null;
  const journal = await openCallJournal(work);
  try {
    await askAll({ node, work, model, journal, askings });
  } finally {
    await journal.close();
  }
  await postProcess(node, work, askings);
  return askings.map((asking) => asking.outcome ?? { kind: 'unfinished' });
}

async function preProcess(node: LlmNodePlan, work: NodeWork): Promise<Asking[]> {
  const askings = work.records.map((record): Asking => ({ record, state: record.state, request: null, answer: null, attempts: 0, outcome: null }));
  if (node.preProcess === null) return askings;
  const answers = await callTask(work, node.preProcess, askings.map((asking) => [asking.state]));
  askings.forEach((asking, index) => {
    const answer = answers[index];
    if (answer === undefined) return;
    if (!answer.ok) asking.outcome = failedOutcome(work, answer);
    else if (isJsonObject(answer.value)) asking.state = answer.value;
    else asking.outcome = failedOutcome(work, { code: 'FUNCTION_FAILED', message: `${node.preProcess ?? ''} must return the state, an object` });
  });
  return askings;
}

function render({ node, work, asking }: { node: LlmNodePlan; work: NodeWork; asking: Asking }): ModelRequest | null {
  try {
    const history = node.inputKey === null ? [] : asking.state[node.inputKey];
    const prompt = node.prompt.map((message): ChatMessage => ({ role: message.role, content: renderTemplate(message.template, asking.state, asking.record.source.id) }));
    return { messages: [...(Array.isArray(history) ? (history as unknown as ChatMessage[]) : []), ...prompt], parameters: node.parameters };
  } catch (error) {
    if (!(error instanceof SyngraphError)) throw error;
    asking.outcome = failedOutcome(work, { code: error.code, message: error.message });
    return null;
  }
}

interface AskAll {
  node: LlmNodePlan;
  work: NodeWork;
  model: ModelPlan;
  journal: CallJournal;
  askings: Asking[];
}

/** All records of the chunk at once; the gateway lets through as many as there is room for. */
async function askAll({ askings, ...all }: AskAll): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([all.work.signal, stop.signal]);
  const work: NodeWork = { ...all.work, signal };
  let reason: unknown = null;
  await Promise.all(
    askings.map(async (asking) => {
      if (asking.request === null) return;
      try {
        await ask({ ...all, work, asking, request: asking.request });
      } catch (error) {
        // One cause stops the others; what they have been answered is in the journal by then.
        if (!signal.aborted) {
          reason = error;
          stop.abort(error);
        } else if (!isStop(error, signal)) reason ??= error;
      }
    }),
  );
  if (reason !== null) throw reason as Error;
}

function isStop(error: unknown, signal: AbortSignal): boolean {
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError') || error instanceof PauseRun || error instanceof ModelDown;
}

async function ask(options: Omit<AskAll, 'askings'> & { asking: Asking; request: ModelRequest }): Promise<void> {
  const { node, work, model, journal, asking, request } = options;
  const { seed } = work.run.description;
  const simulated = work.dependencies.gateway.isSimulated(model);
  const hash = requestHash({ model, request, simulated });
  for (let repair = 0; ; repair += 1) {
    const identity = { seed, recordId: asking.record.source.id, node: work.name, visit: asking.record.visit, sample: 0, repair };
    const answer = await answerFor({ ...options, key: callKey(identity, hash) });
    if (answer === null) return;
    const fault = faultOf(answer);
    if (fault !== null) countFault(work, fault);
    const policy = fault === null ? 'keep' : fault === 'ANSWER_TRUNCATED' ? node.onTruncation : node.onEmpty;
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

/** From the journal, or asked and journaled; null when the record was rejected, with its outcome set. */
async function answerFor(
  options: Omit<AskAll, 'askings'> & { asking: Asking; request: ModelRequest; key: string },
): Promise<ModelAnswer | null> {
  const { work, model, journal, asking, request, key } = options;
  const found = await journal.find(key);
  if (found !== null) {
    count({ work, model, answer: found.answer, reused: found.run !== null });
    if (found.run !== null) {
      work.run.live.reusedFrom(found.run);
      // Copied, so that a later run needs to search this one only.
      await journal.answered(key, found.answer, found.run);
    }
    return found.answer;
  }
  try {
    const firstAttempts = work.run.firstAttempts(model.name);
    const { answer, attempts } = await callWithPatience({ work, model, request, key, journal, firstAttempts });
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
  if (fault === 'ANSWER_REFUSED') return `the model refused: ${answer.refusal ?? 'content filter'}; on_empty: keep or retry would go on`;
  return 'the answer has no content; on_empty: keep or retry would go on';
}

async function postProcess(node: LlmNodePlan, work: NodeWork, askings: Asking[]): Promise<void> {
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
