import { setMaxListeners } from 'node:events';
import { ModelCallError } from '../../models/model-call-error.ts';
import { PauseRun } from '../pause-run.ts';
import type { NodeWork } from '../node-work.ts';
import { ModelDown } from './call-with-patience.ts';

/** Milliseconds that calls in flight get to be answered after a stop: they are paid for already. */
const GRACE_MILLISECONDS = 10_000;

/** What one of many askings goes by. */
export interface AskingSignals {
  /** Its `signal` keeps new calls from starting. */
  work: NodeWork;
  /** Gives up calls in flight, some time later. */
  flightSignal: AbortSignal;
}

/**
 * All items at once; the gateway lets through as many calls as there is room for. A stop, by
 * cancellation or because one of them has found a cause for all, keeps new calls from starting and
 * lets those in flight come back into the journal.
 */
export async function askAll<Item>(given: NodeWork, items: Item[], ask: (item: Item, signals: AskingSignals) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const flight = new AbortController();
  const held = new AbortController();
  const ended = AbortSignal.any([given.signal, stop.signal]);
  const signal = AbortSignal.any([ended, held.signal]);
  setMaxListeners(0, signal, flight.signal);
  let grace: NodeJS.Timeout | undefined;
  // A pause or a cap is in no hurry: what is in flight comes back.
  ended.addEventListener('abort', () => (grace = setTimeout(() => flight.abort(ended.reason), GRACE_MILLISECONDS)), { once: true });
  const hold = given.run.steering.hold(given.epoch);
  const onHold = (): void => held.abort(hold.reason);
  if (hold.aborted) onHold();
  else hold.addEventListener('abort', onHold);
  const work = { ...given, signal };
  let reason: unknown = null;
  let isUnfinished = false;
  try {
    await Promise.all(
      items.map(async (item) => {
        try {
          await ask(item, { work, flightSignal: flight.signal });
        } catch (error) {
          if (!signal.aborted) {
            reason = error;
            stop.abort(error);
          } else if (!isStop(error, signal)) reason ??= error;
          isUnfinished = true;
        }
      }),
    );
  } finally {
    clearTimeout(grace);
    hold.removeEventListener('abort', onHold);
  }
  if (reason !== null) throw reason as Error;
  // Where the run has come to its cap, the caller hands over what is finished.
  if (isUnfinished && !ended.aborted && held.signal.reason instanceof PauseRun) throw held.signal.reason;
}

function isStop(error: unknown, signal: AbortSignal): boolean {
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError') || error instanceof PauseRun || error instanceof ModelDown || error instanceof ModelCallError;
}
