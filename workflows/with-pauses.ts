import { pauseCauseOf } from './activity-failures.ts';
import type { RunState } from './run-state.ts';

/** Tries again what has asked for a pause, once the run goes on; null where the run stops instead. */
export async function withPauses<Result>(state: RunState, work: () => Promise<Result>): Promise<Result | null> {
  while (state.stop === null) {
    try {
      return await work();
    } catch (error) {
      const cause = pauseCauseOf(error);
      if (cause === null) throw error;
      await state.haltBecause(cause);
    }
  }
  return null;
}

/** Likewise for what must be done even if the run stops: its store is full, or closed to us, until somebody mends that. */
export async function untilDone<Result>(state: RunState, work: () => Promise<Result>): Promise<Result> {
  for (;;) {
    const { status } = state;
    try {
      return await work();
    } catch (error) {
      const cause = pauseCauseOf(error);
      if (cause === null) throw error;
      await state.pauseBecause(cause);
      state.status = status;
    }
  }
}
