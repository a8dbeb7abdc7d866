import { callKey, requestHash } from '../../journal/call-key.ts';
import type { ModelAnswer, ModelRequest } from '../../models/model-client.ts';
import type { RecordFailure } from '../node-result.ts';
import type { NodeWork } from '../node-work.ts';
import { askWithFallbacks } from './ask-with-fallbacks.ts';
import type { AskModel, AskModelResult } from './asked-model.ts';
import { RecordRejected } from './call-with-patience.ts';
import { countFault } from './count-answer.ts';
import { examineAnswer, type Examined } from './examine-answer.ts';
import { fetchAnswer } from './fetch-answer.ts';
import { answerText } from './read-answer.ts';
import { structureOf, type Structure } from './structured/structure-of.ts';

/**
 * Asks a model, or another in its place, once for one record: through the journal, until there is an answer that the
 * policies keep and that fits the structured output, or the record has failed.
 * @throws PauseRun, ModelDown, or the abort reason of a signal
 */
export function askModel(options: AskModel): Promise<AskModelResult> {
  const { fallbacks } = options.asked;
  return fallbacks === undefined ? askOneModel(options) : askWithFallbacks(options, { fallbacks, ask: askOneModel, firstKey });
}

function askOneModel(options: AskModel): Promise<AskModelResult> {
  return options.asked.structuredOutput === null ? askUntilKept(options, null) : askStructured(options);
}

async function askStructured(options: AskModel): Promise<AskModelResult> {
  const structure = await structureFor(options);
  const result = await askUntilKept(options, structure);
  if (!('failure' in result) || result.failure.code !== 'MODEL_REJECTED' || structure === null) return result;
  // A server that constrains answers may still refuse this schema: then it is asked for in words.
  return structure.inWords === null ? result : askUntilKept(options, structure.inWords);
}

/** The request of the first asking, with what the structured output adds. */
export async function requestOf(options: AskModel): Promise<ModelRequest> {
  return askedWith(options.request, await structureFor(options));
}

/** Key under which `askModel` looks the first asking up. */
export async function firstKey(options: AskModel): Promise<string> {
  return keyOf(options, 0, hashOf(options, await requestOf(options)));
}

function structureFor({ work, model, asked }: AskModel): Promise<Structure | null> {
  return asked.structuredOutput === null ? Promise.resolve(null) : structureOf({ work, model, plan: asked.structuredOutput });
}

function askedWith(request: ModelRequest, structure: Structure | null): ModelRequest {
  return structure === null ? request : structure.ask(request);
}

async function askUntilKept(options: AskModel, structure: Structure | null): Promise<AskModelResult> {
  const { work, model, journal } = options;
  let request = askedWith(options.request, structure);
  let repairs = 0;
  const examine = (raw: ModelAnswer): Examined | Promise<Examined> => examineAnswer({ work, asked: options.asked, policies: options.policies, raw, structure });
  for (let asking = 0; ; asking += 1) {
    const mayRepair = repairs < (structure?.repairs ?? 0);
    const isUsable = async (raw: ModelAnswer): Promise<boolean> => {
      const seen = await examine(raw);
      if (seen.verdict === 'keep') return options.isUsable?.(seen) ?? true;
      if (seen.verdict !== 'mend' || !mayRepair) return false;
      // Its repair may have been paid for as well.
      return (await journal.find(keyOf(options, asking + 1, hashOf(options, repairRequest(request, seen))))) !== null;
    };
    try {
      const hash = hashOf(options, request);
      const key = keyOf(options, asking, hash);
      const { answer: raw, attempts } = await fetchAnswer(options, { request, key, isUsable });
      work.meter.noteAnswer({ position: options.record.position, key, model: model.name, ...(work.run.plan.output.provenance === true ? { request: hash, answeredBy: raw.answeredBy } : {}) });
      const examined = examine(raw);
      const seen = examined instanceof Promise ? await examined : examined;
      if (seen.fault !== null) countFault(work, seen.fault);
      if (seen.verdict === 'keep') return { answer: seen.answer, structured: seen.structured, attempts };
      if (seen.verdict === 'mend' && mayRepair) {
        repairs += 1;
        request = repairRequest(request, seen);
      } else if (seen.verdict !== 'again' || asking + 1 >= model.maxAttempts) {
        return { failure: failureOf(work, request, { ...seen.failure, attempts: asking + 1, answer: answerText(raw) }) };
      }
    } catch (error) {
      if (!(error instanceof RecordRejected)) throw error;
      const { code, attempts, message } = error;
      return { failure: failureOf(work, request, { code, attempts, message, answer: null }) };
    }
  }
}

function hashOf({ work, model }: AskModel, request: ModelRequest): string {
  return requestHash({ model, request, simulated: work.dependencies.gateway.isSimulated(model) });
}

function keyOf(options: AskModel, repair: number, hash: string): string {
  const { work, record, sample = 0, step = 0, label } = options;
  const place = { seed: work.run.description.seed, recordId: record.source.id, node: work.name, visit: record.visit };
  return callKey({ ...place, sample, repair, step, label: label ?? null }, hash);
}

/** The answer that does not fit goes back, with what is wrong with it. */
function repairRequest(request: ModelRequest, seen: Extract<Examined, { verdict: 'mend' }>): ModelRequest {
  const complaint = `${seen.failure.message}.\nAnswer again with the corrected JSON object and nothing else.`;
  return { ...request, messages: [...request.messages, { role: 'assistant', content: answerText(seen.answer) }, { role: 'user', content: complaint }] };
}

function failureOf(work: NodeWork, request: ModelRequest, failure: Pick<RecordFailure, 'code' | 'message' | 'attempts' | 'answer'>): RecordFailure {
  const { code, message, attempts, answer } = failure;
  return { node: work.name, code, message, attempts, prompt: JSON.stringify(request.messages), answer };
}
