import { setTimeout as delay } from 'node:timers/promises';
import { SyngraphError } from '../../../pipeline/errors.ts';
import type { ModelPlan } from '../../../pipeline/plan.ts';
import { hasParts, keepAnswerMedia } from '../../media/keep-answer-media.ts';
import { materialiseMedia, mediaOf } from '../../media/materialise-media.ts';
import { ModelCallError } from '../../models/model-call-error.ts';
import type { ModelAnswer, ModelRequest } from '../../models/model-client.ts';
import type { NodeWork } from '../node-work.ts';
import { PauseRun } from '../pause-run.ts';
import type { CallJournal } from './call-journal.ts';
import { notePaid } from './note-paid.ts';
import { ModelUnavailable, endOfPatience, type Patience } from './patience.ts';
import { MAXIMUM_TIMEOUTS, isPoison, retryDelay, type FirstAttempts } from './retry-rules.ts';

/** Milliseconds that a record waits in its activity for an endpoint that answers nobody; then Temporal retries the activity. */
const PATIENCE_MILLISECONDS = 60_000;

/** Without any answer for a day of this worker's life the run pauses. */
const SILENCE_MILLISECONDS = 24 * 60 * 60 * 1000;

/** The endpoint answers nobody: the activity ends and is retried from its journal. */
export class ModelDown extends Error {
  override readonly name = 'ModelDown';
}

/** The record itself is at fault, or all its attempts are used up. */
export class RecordRejected extends Error {
  override readonly name = 'RecordRejected';
  readonly code: 'MODEL_REJECTED' | 'TOO_MANY_ATTEMPTS';
  readonly attempts: number;

  constructor(options: { code: 'MODEL_REJECTED' | 'TOO_MANY_ATTEMPTS'; attempts: number; message: string }) {
    super(options.message);
    this.code = options.code;
    this.attempts = options.attempts;
  }
}

export interface PatientCall {
  work: NodeWork;
  model: ModelPlan;
  request: ModelRequest;
  key: string;
  journal: CallJournal;
  firstAttempts: FirstAttempts;
  flightSignal: AbortSignal;
  /** Default: the model is waited for. */
  patience?: Exclude<Patience, 'none'>;
}

/**
 * Asks until there is an answer: passing failures go back to the end of the limiter's queue, mixed
 * with fresh work. Failures count against the record only while the endpoint answers others.
 * @throws RecordRejected, ModelDown, PauseRun, ModelUnavailable where there is another model, or the abort reason of the signal
 */
export async function callWithPatience(call: PatientCall): Promise<{ answer: ModelAnswer; attempts: number; milliseconds: number }> {
  const { work, model, request, key, journal, firstAttempts, flightSignal } = call;
  const { gateway, store } = work.dependencies;
  const { reference, concurrency } = work.run.description;
  let firstFailureAt: number | null = null;
  let startedAt = Date.now();
  let timeouts = 0;
  for (let failures = 0; ; failures += 1) {
    work.signal.throwIfAborted();
    try {
      const { answer, latencyMilliseconds } = await gateway.call({
        // One that tries a model again does not wait for those who fill its place.
        model, request, run: `${reference.pipeline}/${reference.run}`, runConcurrency: concurrency + (call.patience?.isTrial === true ? 1 : 0), signal: work.signal,
        flightSignal,
        onStart: () => {
          if (failures === 0) startedAt = Date.now();
          assertKept(call);
        },
        ...(mediaOf(request).length === 0 ? {} : { materialise: (asked, signal) => materialiseMedia(store, asked, signal) }),
      });
      notePaid(work, model, answer.usage);
      if (failures === 0) firstAttempts.note(false);
      work.run.live.waiting(null);
      const kept = hasParts(answer) ? await keepAnswerMedia(store, answer) : answer;
      return { answer: kept, attempts: journal.attempts(key) + 1, milliseconds: latencyMilliseconds };
    } catch (error) {
      if (error instanceof SyngraphError && error.code === 'MEDIA_INVALID') {
        throw new RecordRejected({ code: 'MODEL_REJECTED', attempts: journal.attempts(key) + 1, message: `the answer holds what cannot be kept: ${error.message}` });
      }
      if (error instanceof JournalStalled && !work.signal.aborted) {
        failures -= 1;
        await journal.settled();
        continue;
      }
      if (!(error instanceof ModelCallError) || work.signal.aborted) throw error;
      work.statistics.failedCalls += 1;
      work.meter.failed(model, error);
      work.run.live.add(work.name, { failedCalls: 1 });
      if (error.kind === 'permanent') {
        throw new RecordRejected({ code: 'MODEL_REJECTED', attempts: journal.attempts(key) + 1, message: error.message });
      }
      if (error.kind === 'configuration') throw unlessInPlace(call, error, misconfigured(work, error));
      if (failures === 0 && error.reason !== 'overloaded') firstAttempts.note(true);
      firstFailureAt ??= Date.now();
      const lastAnswerAt = gateway.lastAnswerAt(model);
      const pause = retryDelay(error, { failures: failures + 1, isServed: lastAnswerAt > firstFailureAt });
      const end = call.patience && endOfPatience(call.patience, error, { startedAt, firstFailureAt, again: Date.now() + pause, lastAnswerAt });
      if (end) throw end;
      if (await countsAgainstRecord({ call, error, firstFailureAt })) {
        timeouts += error.reason === 'timeout' ? 1 : 0;
        await journal.failed(key, { reason: error.reason, message: error.message });
        const attempts = journal.attempts(key);
        const failureShare = firstAttempts.failureShare();
        if (timeouts >= MAXIMUM_TIMEOUTS || isPoison({ attempts, maxAttempts: model.maxAttempts, failureShare })) {
          throw new RecordRejected({ code: 'TOO_MANY_ATTEMPTS', attempts, message: error.message });
        }
      } else if (error.reason !== 'overloaded') {
        giveUpWaiting({ call, error, firstFailureAt });
      }
      work.run.live.waiting(error.message);
      await delay(pause, undefined, { signal: work.signal });
      work.meter.retried(model);
    }
  }
}

/** The journal's store has not taken what was answered for some time. */
class JournalStalled extends Error {
  override readonly name = 'JournalStalled';
}

/** Nothing is asked whose answer would belong to another worker, or could not be kept. */
function assertKept({ work, journal }: PatientCall): void {
  work.assertHeld();
  if (journal.isStalled) throw new JournalStalled();
}

/**
 * 429 says nothing about the record. Timeouts always count. Anything else counts if the endpoint
 * has served somebody since the record's first failure, or answers a probe.
 */
async function countsAgainstRecord(options: { call: PatientCall; error: ModelCallError; firstFailureAt: number }): Promise<boolean> {
  const { call, error, firstFailureAt } = options;
  if (error.reason === 'overloaded') return false;
  if (error.reason === 'timeout') return true;
  const { gateway } = call.work.dependencies;
  return gateway.lastAnswerAt(call.model) > firstFailureAt || gateway.probe(call.model, call.work.signal);
}

function giveUpWaiting(options: { call: PatientCall; error: ModelCallError; firstFailureAt: number }): void {
  const { call, error, firstFailureAt } = options;
  const lastAnswer = call.work.dependencies.gateway.lastAnswerAt(call.model);
  const silentSince = lastAnswer === 0 ? WORKER_STARTED_AT : lastAnswer;
  if (Date.now() - silentSince > SILENCE_MILLISECONDS) throw misconfigured(call.work, error);
  if (Date.now() - firstFailureAt > PATIENCE_MILLISECONDS) throw new ModelDown(error.message);
}

const WORKER_STARTED_AT = Date.now();

/** A key that is refused pauses the run, unless another model is to answer then. */
function unlessInPlace({ patience }: PatientCall, error: ModelCallError, pause: PauseRun): PauseRun | ModelUnavailable {
  const isCovered = patience !== undefined && patience.on.some((cause) => cause === error.reason);
  return isCovered ? new ModelUnavailable({ isOut: true, message: error.message, pause }) : pause;
}

function misconfigured(work: NodeWork, error: ModelCallError): PauseRun {
  return new PauseRun({
    code: 'MODEL_MISCONFIGURED',
    message: error.message,
    nextStep: 'Mend the key or the endpoint it names; nothing has failed, and no answered call is repeated.',
    node: work.name,
  });
}
