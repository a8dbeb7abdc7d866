import { SyngraphError } from '../../pipeline/errors.ts';
import { PLAN_VERSION } from '../../pipeline/plan.ts';
import type { Plan } from '../../pipeline/plan.ts';
import { planHash } from '../../pipeline/plan-hash.ts';
import type { Store } from '../store/store.ts';

const MOST_PLANS = 32;

const plansByStore = new WeakMap<Store, Map<string, Promise<Plan>>>();

export function planKey(hash: string): string {
  return `plans/${hash}.json`;
}

/**
 * A plan by its hash. Plans never change, so the last ones stay in memory; do not change what you get.
 * @throws SyngraphError STORE_INVALID where it is absent, damaged or of another version
 */
export async function loadPlan(store: Store, hash: string): Promise<Plan> {
  const plans = plansByStore.get(store) ?? new Map<string, Promise<Plan>>();
  plansByStore.set(store, plans);
  const cached = plans.get(hash);
  if (cached !== undefined) return cached;
  const loading = readPlan(store, hash);
  plans.set(hash, loading);
  for (const oldest of plans.keys()) {
    if (plans.size <= MOST_PLANS) break;
    plans.delete(oldest);
  }
  try {
    return await loading;
  } catch (error) {
    plans.delete(hash);
    throw error;
  }
}

async function readPlan(store: Store, hash: string): Promise<Plan> {
  const content = /^[0-9a-f]{64}$/.test(hash) ? await store.read(planKey(hash)) : null;
  if (content === null) {
    throw planError(hash, `is not in the store ${store.location}`, 'Use the store that the run was started with.');
  }
  const plan = parsePlan(content, hash);
  if ((plan.version as number) !== PLAN_VERSION) {
    const message = `has version ${plan.version}; this version of syngraph reads ${PLAN_VERSION}`;
    const next = (plan.version as number) > PLAN_VERSION ? 'Update syngraph (npm install syngraph@latest).' : 'Start the run anew, by syngraph run TASK without --resume: it is compiled again, and finished calls are taken from the old run. What that has finished, syngraph export writes.';
    throw planError(hash, message, next);
  }
  if (planHash(plan) !== hash)
    throw planError(
      hash,
      `was changed in the store ${store.location}`,
      'Start the run anew: it is planned again and reuses its answers.',
    );
  return plan;
}

function parsePlan(content: Buffer, hash: string): Plan {
  try {
    return JSON.parse(content.toString('utf8')) as Plan;
  } catch (error) {
    throw planError(
      hash,
      `cannot be read: ${(error as Error).message}`,
      'Start the run anew: it is planned again and reuses its answers.',
    );
  }
}

function planError(hash: string, what: string, nextStep: string): SyngraphError {
  return new SyngraphError({
    code: 'STORE_INVALID',
    message: `The plan ${hash} ${what}`,
    nextStep,
    details: { plan: hash },
  });
}
