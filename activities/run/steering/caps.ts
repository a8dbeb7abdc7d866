import type { PauseCause, RunCaps } from '../../../pipeline/run-contract.ts';

/** What answers have cost so far, over all workers and executions of a run. */
export interface Paid {
  calls: number;
  tokens: number;
  /** Dollars, of the answers whose price is known. */
  cost: number;
}

export function nothingPaid(): Paid {
  return { calls: 0, tokens: 0, cost: 0 };
}

export function addPaid(left: Paid, right: Paid): Paid {
  return { calls: left.calls + right.calls, tokens: left.tokens + right.tokens, cost: left.cost + right.cost };
}

/**
 * Why a run may make no further call; null while it may.
 * @param now epoch milliseconds
 */
export function capReached(caps: RunCaps, paid: Paid, now: number): PauseCause | null {
  const { budget, tokens, deadline } = caps;
  if (budget !== undefined && paid.cost >= budget) {
    return cause('BUDGET_REACHED', `the run has spent $${paid.cost.toFixed(4)} of its budget of $${budget}`, '--budget');
  }
  if (tokens !== undefined && paid.tokens >= tokens) {
    return cause('TOKENS_REACHED', `the run has used ${paid.tokens} tokens of at most ${tokens}`, '--max-tokens-total');
  }
  if (deadline !== undefined && now >= Date.parse(deadline)) {
    return cause('DEADLINE_REACHED', `the run has come to its deadline ${deadline}`, '--deadline');
  }
  return null;
}

function cause(code: 'BUDGET_REACHED' | 'TOKENS_REACHED' | 'DEADLINE_REACHED', message: string, flag: string): PauseCause {
  return { code, message, nextStep: `Resume it with a ${flag === '--deadline' ? 'later' : 'larger'} ${flag}; no finished call is repeated.`, node: null };
}
