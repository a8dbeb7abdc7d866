import { setTimeout as delay } from 'node:timers/promises';
import { SyngraphError } from '../../../pipeline/errors.ts';
import type { FallbacksPlan } from '../../../pipeline/plan.ts';
import { ModelCallError } from '../../models/model-call-error.ts';
import type { ModelOutage } from '../../models/model-outages.ts';
import { watchAbort } from '../../models/watch-abort.ts';
import type { AskModel, AskModelResult } from './asked-model.ts';
import { ModelDown } from './call-with-patience.ts';
import { ModelUnavailable } from './patience.ts';

/** Milliseconds after which a record that no model answers ends its activity, which is then retried. */
const PATIENCE_MILLISECONDS = 60_000;
const LONGEST_DELAY_MILLISECONDS = 10_000;

export interface FallbackParts {
  fallbacks: FallbacksPlan;
  ask: (options: AskModel) => Promise<AskModelResult>;
  /** Key of the first asking in the journal. */
  firstKey: (options: AskModel) => Promise<string>;
}

interface Candidate {
  options: AskModel;
  outage: ModelOutage;
}

/**
 * Asks the model of a node, and while it is out or refuses the record for too long, the next of its fallbacks.
 * Answers belong to the model that gave them: those that the journal has of any of them go before asking.
 * @throws PauseRun, ModelDown, or the abort reason of a signal
 */
export async function askWithFallbacks(options: AskModel, parts: FallbackParts): Promise<AskModelResult> {
  const { signal } = options.work;
  const candidates = candidatesOf(options, parts.fallbacks);
  const answered = await findAnswered(candidates, parts);
  if (answered !== null && 'result' in answered) return answered.result;
  const startedAt = Date.now();
  let chosen = answered === null ? choose(candidates) : { candidate: answered, isTrial: false };
  for (let round = 0; ; round += 1) {
    const tried = new Set<Candidate>();
    const failures: ModelUnavailable[] = [];
    for (; chosen !== null; chosen = choose(candidates.filter((one) => !tried.has(one)))) {
      tried.add(chosen.candidate);
      try {
        const result = await askCandidate(chosen, candidates, parts);
        if (result !== null) return result;
        tried.clear();
      } catch (error) {
        if (!(error instanceof ModelUnavailable)) throw error;
        failures.push(error);
      }
    }
    for (const { pause } of failures) if (pause !== null) throw pause;
    const isDown = failures.every(({ isOut }) => isOut);
    if (isDown && Date.now() - startedAt > PATIENCE_MILLISECONDS) throw new ModelDown(failures.map(({ message }) => message).join('; '));
    await delay(Math.min(LONGEST_DELAY_MILLISECONDS, 1_000 * 2 ** round), undefined, { signal });
    chosen = choose(candidates);
  }
}

function candidatesOf(options: AskModel, fallbacks: FallbacksPlan): Candidate[] {
  const { run } = options.work;
  const others = fallbacks.models.map(({ model: key, parameters, answerProcess }): AskModel => {
    const model = run.plan.models[key];
    if (model === undefined) throw new SyngraphError({ code: 'STORE_INVALID', message: `the plan has no model ${key}` });
    return { ...options, model, asked: { ...options.asked, answerProcess }, request: { ...options.request, parameters } };
  });
  return [options, ...others].map((one) => ({ options: one, outage: run.outages(one.model.name) }));
}

/**
 * The model whose answer the journal has, to go on with; or what comes of an answer that an earlier run has paid
 * another model for, where it is good for this record.
 */
async function findAnswered([first, ...others]: Candidate[], { ask, firstKey }: FallbackParts): Promise<Candidate | { result: AskModelResult } | null> {
  const find = async ({ options }: Candidate): Promise<{ run: string | null } | null> => options.journal.find(await firstKey(options));
  if (first === undefined || (await find(first)) !== null) return first ?? null;
  for (const other of others) {
    const found = await find(other);
    if (found === null) continue;
    if (found.run === null) return other;
    try {
      return { result: await ask({ ...other.options, patience: 'none' }) };
    } catch (error) {
      if (!(error instanceof ModelUnavailable)) throw error;
    }
  }
  return null;
}

interface Chosen {
  candidate: Candidate;
  /** It is out, and this record finds out whether it is back. */
  isTrial: boolean;
}

/** The first that is not out, or is to be tried again; where all are out, the first. null where there is none. */
function choose(candidates: Candidate[]): Chosen | null {
  for (const candidate of candidates) {
    const admission = candidate.outage.admit(Date.now());
    if (admission !== 'leave') return { candidate, isTrial: admission === 'try' };
  }
  return candidates[0] === undefined ? null : { candidate: candidates[0], isTrial: false };
}

/** null where the record, before it was sent, was called back to a model that goes before this one. */
async function askCandidate({ candidate, isTrial }: Chosen, candidates: Candidate[], { fallbacks, ask }: FallbackParts): Promise<AskModelResult | null> {
  const { options, outage } = candidate;
  const { work, model } = options;
  const { isOut } = outage;
  const ahead = candidates.slice(0, candidates.indexOf(candidate)).filter((one) => one.outage.isOut);
  const recalled = ahead.length === 0 ? null : new AbortController();
  const stops = recalled === null ? [] : ahead.map((one) => one.outage.awaitReturn(() => recalled.abort(new Error('A model before this one is asked.'))));
  const given = isOut ? work.signal : outage.join(work.signal);
  if (given.aborted) recalled?.abort(given.reason);
  if (recalled !== null) stops.push(watchAbort(given, () => recalled.abort(given.reason)));
  const signal = recalled?.signal ?? given;
  const startedAt = Date.now();
  try {
    const patience = { milliseconds: isTrial ? 0 : fallbacks.afterSeconds * 1000, on: fallbacks.on, outage, isTrial };
    const result = await ask({ ...options, work: { ...work, signal }, patience });
    if (isOut && work.dependencies.gateway.lastAnswerAt(model) >= startedAt) outage.comeBack();
    return result;
  } catch (error) {
    if (work.signal.aborted) throw error;
    if (error instanceof ModelUnavailable) {
      if (isTrial || (error.isOut && !outage.isOut)) outage.goOut(Date.now());
      throw error;
    }
    if (!signal.aborted || !isOfOutage(error, signal)) throw error;
    if (!given.aborted) return null;
    throw new ModelUnavailable({ isOut: true, message: `${model.name} is out` });
  } finally {
    for (const stop of stops) stop();
  }
}

/** What a call that waited, or was in flight, ends with when its model goes out. */
function isOfOutage(error: unknown, signal: AbortSignal): boolean {
  return error === signal.reason || error instanceof ModelCallError || (error instanceof Error && error.name === 'AbortError');
}
