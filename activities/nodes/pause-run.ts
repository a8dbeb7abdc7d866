import type { PauseCause } from '../../pipeline/run-contract.ts';

/** Thrown when only a human can mend what is wrong: the run pauses and nothing fails. */
export class PauseRun extends Error {
  override readonly name = 'PauseRun';
  readonly pauseCause: PauseCause;

  constructor(pauseCause: PauseCause) {
    super(pauseCause.message);
    this.pauseCause = pauseCause;
  }
}
