import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import { PAUSE_FAILURE, type PauseCause } from '../pipeline/run-contract.ts';

/** Type of the application failure that an activity has ended with, else null. */
export function failureTypeOf(error: unknown): string | null {
  if (!(error instanceof ActivityFailure) || !(error.cause instanceof ApplicationFailure)) return null;
  return error.cause.type ?? null;
}

/** The cause if an activity asks for the run to be paused, else null. */
export function pauseCauseOf(error: unknown): PauseCause | null {
  if (failureTypeOf(error) !== PAUSE_FAILURE) return null;
  const failure = (error as ActivityFailure).cause as ApplicationFailure;
  return (failure.details?.[0] as PauseCause | undefined) ?? null;
}
