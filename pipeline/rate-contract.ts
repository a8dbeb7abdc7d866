/** What crosses between workers and the `limiter` workflow of a model whose rate is limited. Types and constants only. */

/** Asks for a share, or for another one; a share that was held before ends with the answer. */
export interface RateRequest {
  /** One queue of calls: a model in a worker. */
  member: string;
  /** Part of the rate that the member could use until it asks again, above 0; 1 for all of it. */
  demand: number;
}

export interface RateGrant {
  /** Part of the rate that is the member's, 0 to 1. The parts of all members are never more than 1 together. */
  share: number;
  /** How long it holds, counted from when it was asked for. */
  validMilliseconds: number;
  /** When to ask again. */
  renewMilliseconds: number;
}

export interface LimiterInput {
  /** Carried from one execution to the next by continue-as-new; never set by callers. */
  leases?: RateLeaseState[];
}

export interface RateLeaseState {
  member: string;
  demand: number;
  share: number;
  /** Epoch milliseconds of the workflow's clock. */
  validUntil: number;
}

export const RATE_LEASE_UPDATE = 'lease';

/** A member needs its share no more; carries its name. */
export const RATE_LEAVE_SIGNAL = 'leave';

/** So long a killed worker keeps its share from the others. */
export const RATE_LEASE_MILLISECONDS = 7_000;

/** Two renewals may fail before calls have to wait. */
export const RATE_RENEWAL_MILLISECONDS = 3_000;
