import { setMaxListeners } from 'node:events';
import { ask } from './ask.ts';
import type { Ask } from './ask.ts';
import type { Asking } from './asking.ts';
import { ModelDown } from './call-with-patience.ts';
import { PauseRun } from '../pause-run.ts';

/** Milliseconds that calls in flight get to be answered after a stop: they are paid for already. */
const GRACE_MILLISECONDS = 10_000;

/**
 * All records of the chunk at once; the gateway lets through as many as there is room for. A stop,
 * by cancellation or because one of them has found a cause for all, keeps new calls from starting
 * and lets those in flight come back into the journal.
 */
export async function askAll({ askings, ...all }: Omit<Ask, 'asking' | 'request' | 'flightSignal'> & { askings: Asking[] }): Promise<void> {
  const stop = new AbortController();
  const flight = new AbortController();
  const signal = AbortSignal.any([all.work.signal, stop.signal]);
  setMaxListeners(0, signal, flight.signal);
  let grace: NodeJS.Timeout | undefined;
  signal.addEventListener('abort', () => (grace = setTimeout(() => flight.abort(signal.reason), GRACE_MILLISECONDS)), { once: true });
  const work = { ...all.work, signal };
  let reason: unknown = null;
  try {
    await Promise.all(
      askings.map(async (asking) => {
        if (asking.request === null) return;
        try {
          await ask({ ...all, work, asking, request: asking.request, flightSignal: flight.signal });
        } catch (error) {
          if (!signal.aborted) {
            reason = error;
            stop.abort(error);
          } else if (!isStop(error, signal)) reason ??= error;
        }
      }),
    );
  } finally {
    clearTimeout(grace);
  }
  if (reason !== null) throw reason as Error;
}

function isStop(error: unknown, signal: AbortSignal): boolean {
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError') || error instanceof PauseRun || error instanceof ModelDown;
}
