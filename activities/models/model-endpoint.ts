import type { ModelPlan } from '../../pipeline/plan.ts';

/** Where a model is reached, as the environment and models.yaml say together. */
export interface ModelEndpoint {
  /** Base url as the provider's paths are appended to it. */
  url: string;
  /** The url without password and query, for messages and counts. */
  displayUrl: string;
  /** null: the endpoint takes calls without a key. */
  key: string | null;
  /** Name of the variable that holds the key, or that would hold it. */
  keyVariable: string;
}

export interface ModelClientOptions {
  model: ModelPlan;
  endpoint: ModelEndpoint;
  environment: NodeJS.ProcessEnv;
}

/** An endpoint that is named by region and project. */
export interface CloudEndpoint {
  url: string;
  key: string | null;
  keyVariable: string;
}
