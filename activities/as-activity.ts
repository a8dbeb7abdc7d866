import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { SyngraphError, type SyngraphErrorCode } from '../pipeline/errors.ts';
import { PAUSE_FAILURE, type PauseCause } from '../pipeline/run-contract.ts';
import { ModelDown } from './nodes/llm/call-with-patience.ts';
import { PauseRun } from './nodes/pause-run.ts';
import { WrongWorker } from './nodes/wrong-worker.ts';
import { RunCapped } from './run/steering/run-capped.ts';
import { isBackFromStandstill } from './standstill.ts';

const HEARTBEAT_MILLISECONDS = 2_000;

/**
 * An attempt that has not beaten for so long may have been given to another worker: below the
 * heartbeat timeout of 15 s. It happens when the process is stopped, or the machine sleeps.
 */
const LEASE_MILLISECONDS = 12_000;

export interface ActivityScope {
  /** Aborts on cancellation, and when the attempt may have been given to another worker. */
  signal: AbortSignal;
  /** To be called before an effect that must not happen twice. @throws AttemptLost */
  assertHeld: () => void;
}

/** The attempt has not beaten for too long; somebody else may do the work by now. */
export class AttemptLost extends Error {
  override readonly name = 'AttemptLost';
}

/** Attempts after which a fault of ours is no longer worth repeating. */
const ATTEMPTS_OF_A_FAULT = 5;

/** Attempts after which no other worker seems to be there. */
const ATTEMPTS_AT_WRONG_WORKERS = 30;

/** Errors that another attempt may not meet again. */
const PASSING: ReadonlySet<SyngraphErrorCode> = new Set(['MODEL_UNAVAILABLE', 'SERVER_UNAVAILABLE', 'STORE_UNAVAILABLE', 'FUNCTION_CRASHED']);

/**
 * Runs a function as an activity: beats, hands over the cancellation signal, and turns errors into
 * failures that Temporal retries, or does not. After cancellation the function may still return:
 * what it had finished is its result. After the loss of its attempt (timed out, taken over, worker
 * shut down) it may not: somebody else does the work.
 */
export function asActivity<Input, Output>(
  work: (input: Input, scope: ActivityScope) => Promise<Output>,
): (input: Input) => Promise<Output> {
  return async (input) => {
    const context = Context.current();
    const lost = new AbortController();
    let beatenAt = Date.now();
    const assertHeld = (): void => {
      if (!lost.signal.aborted && Date.now() - beatenAt > LEASE_MILLISECONDS) {
        lost.abort(new AttemptLost('this process stood still for longer than another worker waits'));
      }
      lost.signal.throwIfAborted();
    };
    const beat = setInterval(() => {
      try {
        assertHeld();
      } catch {
        // The work hears of it through its signal; a late beat must not claim the attempt back.
        return clearInterval(beat);
      }
      beatenAt = Date.now();
      context.heartbeat();
    }, HEARTBEAT_MILLISECONDS);
    const signal = AbortSignal.any([context.cancellationSignal, lost.signal]);
    // One listener a record that waits, and a batch has hundreds.
    setMaxListeners(0, signal);
    try {
      if (isBackFromStandstill()) await proveHeld(context, signal);
      const output = await work(input, { signal, assertHeld });
      assertHeld();
      throwIfLost(context);
      return output;
    } catch (error) {
      if (lost.signal.aborted) throw ApplicationFailure.retryable('the process stood still', 'AttemptLost');
      throwIfLost(context);
      throw toFailure(error, context.info.attempt);
    } finally {
      clearInterval(beat);
    }
  };
}

/** Time for the server to answer a heartbeat that the attempt is not ours any more. */
const PROOF_MILLISECONDS = 1_500;

async function proveHeld(context: Context, signal: AbortSignal): Promise<void> {
  context.heartbeat();
  await delay(PROOF_MILLISECONDS, undefined, { signal });
}

function throwIfLost(context: Context): void {
  const details = context.cancellationDetails;
  if (details === undefined || details.cancelRequested) return;
  // The worker goes down: the attempt is handed back at once instead of timing out.
  if (details.workerShutdown) {
    throw ApplicationFailure.create({ message: 'the worker was shut down', type: 'WorkerShutdown', nextRetryDelay: '100 milliseconds' });
  }
  throw new CancelledFailure('the attempt was lost');
}

function toFailure(error: unknown, attempt: number): Error {
  if (error instanceof PauseRun) {
    return pause(error.pauseCause);
  }
  if (error instanceof RunCapped) return pause(error.stopCause);
  if (error instanceof WrongWorker) {
    if (attempt >= ATTEMPTS_AT_WRONG_WORKERS) return pause({ code: 'MODEL_MISCONFIGURED', message: error.message, nextStep: error.nextStep, node: null });
    return ApplicationFailure.create({ message: error.message, type: 'WrongWorker', nextRetryDelay: '300 milliseconds' });
  }
  if (error instanceof ModelDown) {
    return ApplicationFailure.create({ message: error.message, type: 'MODEL_UNAVAILABLE', nextRetryDelay: '2 seconds', cause: error });
  }
  if (error instanceof SyngraphError) {
    if (error.code === 'DISK_FULL' || error.code === 'STORE_DENIED') return pauseFor(error);
    const { code, message, nextStep, details } = error;
    return ApplicationFailure.create({ message, type: code, nonRetryable: !PASSING.has(code), details: [{ nextStep: nextStep ?? null, ...details }] });
  }
  if (error instanceof Error && error.name === 'AbortError') return new CancelledFailure('cancelled');
  const cause = error instanceof Error ? error : new Error(String(error));
  return ApplicationFailure.create({ message: cause.message, type: 'INTERNAL', nonRetryable: attempt >= ATTEMPTS_OF_A_FAULT, cause });
}

/** A full disk, or a bucket that is closed to us, pauses the run: whatever was answered is kept, and the rest waits. */
function pauseFor(error: SyngraphError): ApplicationFailure {
  const { code, message, nextStep } = error;
  return pause({ code, message, nextStep: nextStep ?? null, node: null });
}

function pause(cause: PauseCause): ApplicationFailure {
  return ApplicationFailure.create({ message: cause.message, type: PAUSE_FAILURE, nonRetryable: true, details: [cause] });
}
