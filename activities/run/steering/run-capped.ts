import type { PauseCause } from '../../../pipeline/run-contract.ts';

/** The run has come to its budget, its tokens or its time: no call starts any more, and what is finished is written. */
export class RunCapped extends Error {
  override readonly name = 'RunCapped';
  readonly stopCause: PauseCause;

  constructor(stopCause: PauseCause) {
    super(stopCause.message);
    this.stopCause = stopCause;
  }
}
