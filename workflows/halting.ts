import { condition, getExternalWorkflowHandle, setHandler } from '@temporalio/workflow';
import type { PauseCause } from '../pipeline/run-contract.ts';
import { pauseCauseOf } from './activity-failures.ts';
import { haltSignal, proceedSignal } from './signals.ts';

/** How a workflow below the root of a run waits for a human, and hears that the run goes on. */
export interface Halting {
  /** Grows each time the run goes on. */
  readonly epoch: number;
  /** Tells the root, and resolves once the run goes on. */
  halt(cause: PauseCause): Promise<void>;
  /** Tries again what has asked for a pause, once the run goes on. */
  untilDone<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Also told that the run goes on. */
  onProceed(tell: (epoch: number) => Promise<void>): void;
}

export function createHalting(root: string, begun: number): Halting {
  let epoch = begun;
  let tellOthers: (epoch: number) => Promise<void> = () => Promise.resolve();

  setHandler(proceedSignal, async (next) => {
    epoch = Math.max(epoch, next ?? epoch + 1);
    await tellOthers(epoch);
  });

  async function halt(cause: PauseCause): Promise<void> {
    const halted = epoch;
    await getExternalWorkflowHandle(root).signal(haltSignal, { cause, epoch: halted });
    await condition(() => epoch > halted);
  }

  return {
    get epoch() {
      return epoch;
    },
    halt,
    async untilDone(work) {
      for (;;) {
        try {
          return await work();
        } catch (error) {
          const cause = pauseCauseOf(error);
          if (cause === null) throw error;
          await halt(cause);
        }
      }
    },
    onProceed(tell) {
      tellOthers = tell;
    },
  };
}
