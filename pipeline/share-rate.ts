import { RATE_LEASE_MILLISECONDS, RATE_RENEWAL_MILLISECONDS, type RateGrant, type RateLeaseState, type RateRequest } from './rate-contract.ts';

/** A member that has less than its part asks again so soon: the others have renewed, and given back, by and by. */
const SOON_MILLISECONDS = 1_000;

/**
 * Gives a member its part of a rate. Whoever wants little gets that, the others equal parts of what is
 * left (max-min fairness); what nobody wants is split evenly. Never more than what the leases of
 * others leave: those that hold too much give it back when they renew.
 * @param leases those of all members; the caller keeps what is returned
 * @param now epoch milliseconds, of one clock for all
 */
export function shareRate(leases: readonly RateLeaseState[], { member, demand }: RateRequest, now: number): { leases: RateLeaseState[]; grant: RateGrant } {
  const others = leases.filter((lease) => lease.member !== member && lease.validUntil > now);
  const taken = others.reduce((sum, lease) => sum + lease.share, 0);
  const fair = fairPart(demand, others.map((lease) => lease.demand));
  const share = Math.max(0, Math.min(fair, 1 - taken));
  const renewMilliseconds = share < fair * 0.99 ? SOON_MILLISECONDS : RATE_RENEWAL_MILLISECONDS;
  return {
    leases: [...others, { member, demand, share, validUntil: now + RATE_LEASE_MILLISECONDS }],
    grant: { share, validMilliseconds: RATE_LEASE_MILLISECONDS, renewMilliseconds },
  };
}

function fairPart(own: number, others: number[]): number {
  const demands = [...others, own].sort((left, right) => left - right);
  let left = 1;
  for (const [index, demand] of demands.entries()) {
    const part = left / (demands.length - index);
    // All that follow want more than equal parts of the rest.
    if (demand > part) return own > part ? part : own;
    left -= demand;
  }
  return own + left / demands.length;
}
