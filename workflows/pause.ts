import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import { PAUSE_FAILURE, type PauseCause } from '../pipeline/run-contract.ts';

/** The cause if an activity asks for the run to be paused, else null. */
export function pauseCauseOf(error: unknown): PauseCause | null {
  if (!(error instanceof ActivityFailure)) return null;
  const failure = error.cause;
  if (!(failure instanceof ApplicationFailure) || failure.type !== PAUSE_FAILURE) return null;
  return (failure.details?.[0] as PauseCause | undefined) ?? null;
}
