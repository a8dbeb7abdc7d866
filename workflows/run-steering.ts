import { condition, upsertSearchAttributes } from '@temporalio/workflow';
import { quick } from './activity-proxies.ts';
import { PAUSED, type ControlChange, type PauseCause, type PauseRequest, type PreparedRun, type RunControl } from '../pipeline/run-contract.ts';

/**
 * The control of a run as its workflow keeps it: the one writer of the control file that workers
 * follow. Changes are made one after the other.
 */
export interface RunSteering {
  readonly control: RunControl;
  /** The run was prepared: what it begins with. */
  begin(control: RunControl | undefined): void;
  pause(epoch: number, cause: PauseCause): Promise<void>;
  /** Lifts a pause that was written; nothing where none was. */
  proceed(): Promise<void>;
  /** @throws ApplicationFailure USAGE */
  set(change: ControlChange): Promise<RunControl>;
}

export function createRunSteering(prepared: () => PreparedRun | null, given: RunControl | undefined): RunSteering {
  let control: RunControl = given ?? {};
  let last: Promise<unknown> = Promise.resolve();

  function apply(next: () => { control: RunControl; change?: ControlChange } | null): Promise<void> {
    const applying = last.then(async () => {
      await condition(() => prepared() !== null);
      const wanted = next();
      const run = prepared()?.reference;
      if (wanted !== null && run !== undefined) control = await quick.controlRun({ run, ...wanted });
    });
    last = applying.catch(() => undefined);
    return applying;
  }

  return {
    get control() {
      return control;
    },
    begin(begun) {
      control = begun ?? {};
    },
    async pause(epoch, cause) {
      await apply(() => ({ control: { ...control, paused: { epoch, cause } } }));
      upsertSearchAttributes({ SyngraphStatus: ['paused'] });
    },
    async proceed() {
      const { paused } = control;
      // A pause that is still on its way to the file is lifted after it.
      await apply(() => {
        const { paused: _, ...others } = control;
        return control.paused === undefined ? null : { control: others };
      });
      if (paused !== undefined) upsertSearchAttributes({ SyngraphStatus: ['running'] });
    },
    async set(change) {
      await apply(() => ({ control, change }));
      return control;
    },
  };
}

/** What a run that somebody has paused says. */
export function pausedByHand({ reason, by }: PauseRequest): PauseCause {
  const who = by === undefined ? '' : ` by ${by}`;
  return { code: PAUSED, message: `paused${who}${reason === undefined ? '' : `: ${reason}`}`, nextStep: 'syngraph resume lets it go on.', node: null };
}
