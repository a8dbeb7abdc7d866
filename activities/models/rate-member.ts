import { createHash } from 'node:crypto';
import type { ModelPlan } from '../../pipeline/plan.ts';
import type { RateGrant } from '../../pipeline/rate-contract.ts';
import type { ModelEndpoint } from './model-endpoint.ts';

/** What several workers have to keep the rate of together. */
export interface SharedRate {
  /** Same for the same model at the same endpoints, whoever calls it. Holds no key, and nothing made of one. */
  key: string;
  /** For people. */
  summary: string;
}

/** One queue of calls among those that share a rate. */
export interface RateMember {
  /** Asks for a part of the rate. Rejects where nobody answers; the share that is held goes on to hold until its end. */
  renew(demand: number): Promise<RateGrant>;
  /** The others may have the share at once. Never rejects: a share that is not given back ends by itself. */
  leave(): Promise<void>;
}

/** How a worker comes to share a rate; without it a worker has all of it. */
export type JoinRate = (rate: SharedRate) => RateMember;

/** null where calls leave this process for no endpoint: simulated and local models. */
export function sharedRateOf(model: ModelPlan, endpoints: readonly ModelEndpoint[]): SharedRate | null {
  const urls = endpoints.map(({ url }) => url.replace(/\?.*$/, '')).filter((url) => url !== '').sort();
  if (urls.length === 0) return null;
  const identity = JSON.stringify([model.name, model.type, model.modelId, urls]);
  const shown = endpoints.map(({ displayUrl }) => displayUrl).join(', ');
  return { key: createHash('sha256').update(identity).digest('hex').slice(0, 20), summary: `rate of model ${model.name} at ${shown}`.slice(0, 200) };
}
