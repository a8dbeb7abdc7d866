import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import { PAUSE_FAILURE, type PauseCause } from '../pipeline/run-contract.ts';

/** Type of the application failure that an activity has ended with, else null. */
export function failureTypeOf(error: unknown): string | null {
  return applicationFailureOf(error)?.type ?? null;
}

/** The cause if an activity asks for the run to be paused, else null. */
export function pauseCauseOf(error: unknown): PauseCause | null {
  const failure = applicationFailureOf(error);
  if (failure?.type !== PAUSE_FAILURE) return null;
  return (failure.details?.[0] as PauseCause | undefined) ?? null;
}

function applicationFailureOf(error: unknown): ApplicationFailure | null {
  // What a local activity fails with comes as it is.
  const failure = error instanceof ActivityFailure ? error.cause : error;
  return failure instanceof ApplicationFailure ? failure : null;
}
