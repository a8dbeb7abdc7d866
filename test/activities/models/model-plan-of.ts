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
    delaySeconds: 0,
    verifyTls: true,
    certificateFile: null,
    headers: {},
    secretHeaders: {},
    price: null,
    specialTokens: [],
    completions: null,
    outputType: 'text',
    media: {},
    provider: { region: null, project: null, variables: {}, payload: null, payloadKey: null, responsePath: null },
    ...changes,
  };
}
