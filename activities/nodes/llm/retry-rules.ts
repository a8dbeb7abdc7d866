import type { ModelCallError } from '../../models/model-call-error.ts';

/** Timeouts always count, and fewer are enough: each has cost a whole time limit. */
export const MAXIMUM_TIMEOUTS = 3;

/** How unlikely it must be that a record fails so often by chance before the record is to blame. */
const CHANCE = 1e-7;

/** However flaky an endpoint is, a record is given up after this many times `max_attempts`. */
const PATIENCE = 4;

/**
 * Whether failed attempts are enough to call a record poison. `max_attempts` says when to begin to
 * ask; where the endpoint fails a share of all first attempts, so many failures in a row must also
 * be improbable for an innocent record (share ^ attempts < 1e-7). Without that, 10,000 records at an
 * endpoint that fails one call in five would lose one by bad luck.
 */
export function isPoison(options: { attempts: number; maxAttempts: number; failureShare: number }): boolean {
  const { attempts, maxAttempts, failureShare } = options;
  if (attempts < maxAttempts) return false;
  return attempts >= PATIENCE * maxAttempts || failureShare ** attempts < CHANCE;
}

const FIRST_DELAY_MILLISECONDS = 200;

/** While the endpoint serves others, waiting longer would only make this record the last one of its run. */
const LONGEST_DELAY_WHILE_SERVED = 1_000;

/** While it serves nobody, asking more often would only add to its trouble. */
const LONGEST_DELAY_WHILE_DOWN = 10_000;

/** Milliseconds until the record asks again: what the endpoint says, else doubling from 0.2 s. */
export function retryDelay(error: ModelCallError, { failures, isServed }: { failures: number; isServed: boolean }): number {
  if (error.retryAfterMilliseconds !== undefined) return error.retryAfterMilliseconds;
  const longest = isServed ? LONGEST_DELAY_WHILE_SERVED : LONGEST_DELAY_WHILE_DOWN;
  return Math.min(longest, FIRST_DELAY_MILLISECONDS * 2 ** (failures - 1));
}

/** Share of first attempts that fail, over the last ones of a model in a run. */
export interface FirstAttempts {
  note(failed: boolean): void;
  failureShare(): number;
}

const FIRST_ATTEMPTS_KEPT = 500;

export function createFirstAttempts(): FirstAttempts {
  const outcomes: boolean[] = [];
  let failed = 0;
  return {
    note(outcome) {
      outcomes.push(outcome);
      if (outcome) failed += 1;
      if (outcomes.length > FIRST_ATTEMPTS_KEPT && outcomes.shift() === true) failed -= 1;
    },
    // The record in question is among the failed ones: it must not testify against the endpoint.
    failureShare: () => (outcomes.length <= 1 ? 0 : Math.max(0, failed - 1) / (outcomes.length - 1)),
  };
}
