import type { ModelPlan } from '../../../pipeline/plan.ts';

/** A model plan with the defaults of models.yaml. */
export function modelPlanOf(changes: Partial<ModelPlan> = {}): ModelPlan {
  return {
    name: 'writer',
    type: 'vllm',
    modelId: 'fake',
    url: null,
    tokenVariable: null,
    apiVersion: null,
    loadBalancing: 'least_requests',
    maxConcurrency: null,
    requestsPerMinute: null,
    tokensPerMinute: null,
    timeoutSeconds: 120,
    maxAttempts: 6,
    verifyTls: true,
    headers: {},
    price: null,
    ...changes,
  };
}
