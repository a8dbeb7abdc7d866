import type { ModelPlan } from '../../../pipeline/plan.ts';
import { ModelCallError } from '../model-call-error.ts';
import type { ModelAnswer, ModelRequest } from '../model-client.ts';

export interface MediaCall {
  request: ModelRequest;
  signal: AbortSignal;
  unsentSignal: AbortSignal | undefined;
}

/** Does one kind of media work at one endpoint. Answers hold images and sounds as data urls. */
export interface MediaMaker {
  /** Gives several images to one call. */
  samples: boolean;
  /** @throws ModelCallError */
  make(call: MediaCall): Promise<ModelAnswer>;
  close(): Promise<void>;
}

/** A request that no endpoint of this kind could take: the record fails. */
export function rejected(model: ModelPlan, what: string): ModelCallError {
  return new ModelCallError({ kind: 'permanent', reason: 'rejected', message: `Model "${model.name}": ${what}` });
}
