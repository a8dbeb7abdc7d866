import { condition, continueAsNew, defineSignal, defineUpdate, setHandler, workflowInfo } from '@temporalio/workflow';
import { RATE_LEASE_UPDATE, RATE_LEAVE_SIGNAL, type LimiterInput, type RateGrant, type RateRequest } from '../pipeline/rate-contract.ts';
import { shareRate } from '../pipeline/share-rate.ts';

/** Nobody has asked for so long: the limiter ends, and begins again with the next call. */
const IDLE_MILLISECONDS = 60_000;

/** Some five events a renewal: twenty minutes of two workers, and a replay that nobody has to wait for. */
const MOST_EVENTS = 4_000;

const leaseUpdate = defineUpdate<RateGrant, [RateRequest]>(RATE_LEASE_UPDATE);
const leaveSignal = defineSignal<[string]>(RATE_LEAVE_SIGNAL);

/**
 * Leases the rate of one model's endpoint in parts to the workers that want some, so that together
 * they keep its limit. Its history grows with time and workers, not with calls.
 */
export async function limiter({ leases: before = [] }: LimiterInput = {}): Promise<void> {
  let leases = before;
  let requests = 0;
  setHandler(leaseUpdate, (request) => {
    requests += 1;
    const next = shareRate(leases, request, Date.now());
    leases = next.leases;
    return next.grant;
  });
  setHandler(leaveSignal, (member) => {
    leases = leases.filter((lease) => lease.member !== member);
  });
  const isLong = (): boolean => workflowInfo().continueAsNewSuggested || workflowInfo().historyLength > MOST_EVENTS;
  for (let seen = -1; seen !== requests; ) {
    seen = requests;
    // One timer a minute, whatever is renewed meanwhile.
    if (await condition(isLong, IDLE_MILLISECONDS)) await continueAsNew<typeof limiter>({ leases });
  }
}
