import type { FallbackCause } from '../../../pipeline/plan.ts';
import type { ModelCallError, ModelFailureReason } from '../../models/model-call-error.ts';
import type { ModelOutage } from '../../models/model-outages.ts';
import type { PauseRun } from '../pause-run.ts';

/** How long a model is waited for while another one could answer; `none`: it is not asked at all, and only the journal's answer counts. */
export type Patience = { milliseconds: number; on: readonly FallbackCause[]; outage: ModelOutage; isTrial: boolean } | 'none';

/** The model does not answer now: another one is to be asked. */
export class ModelUnavailable extends Error {
  override readonly name = 'ModelUnavailable';
  /** It answers nobody; else it has refused this record for too long. */
  readonly isOut: boolean;
  /** What would pause the run if there were no other model. */
  readonly pause: PauseRun | null;

  constructor(options: { isOut: boolean; message: string; pause?: PauseRun }) {
    super(options.message);
    this.isOut = options.isOut;
    this.pause = options.pause ?? null;
  }
}

const CAUSES: Partial<Record<ModelFailureReason, FallbackCause>> = {
  overloaded: 'limited',
  server_error: 'down',
  connection: 'down',
  timeout: 'down',
  malformed_answer: 'down',
};

/**
 * What is to be thrown instead of waiting, where a passing failure is one too many; else null. A record that fails
 * while others are answered is itself to blame, and another model would be paid for it in vain; a 429 blames nobody.
 * @param times epoch milliseconds: when the call was first made, when it first failed, when it would be made again, and the model's last answer to anybody
 */
export function endOfPatience(patience: Exclude<Patience, 'none'>, error: ModelCallError, times: { startedAt: number; firstFailureAt: number; again: number; lastAnswerAt: number }): ModelUnavailable | null {
  const { startedAt, firstFailureAt, again, lastAnswerAt } = times;
  const cause = CAUSES[error.reason];
  if (cause === undefined || !patience.on.includes(cause)) return null;
  // Records come to the end of the queue when they fail: what one of them sees is too little.
  const silentSince = patience.outage.noteFailure(error.reason === 'timeout' ? startedAt : Date.now(), lastAnswerAt);
  const since = cause === 'limited' ? firstFailureAt : silentSince;
  return again - since > patience.milliseconds ? new ModelUnavailable({ isOut: lastAnswerAt <= since, message: error.message }) : null;
}
