import { ApplicationFailure, condition, patched, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import { pauseCauseOf } from './activity-failures.ts';
import { quick } from './activity-proxies.ts';
import { pauseSignal, pauseUpdate, resumeUpdate, setUpdate } from './signals.ts';
import { PAUSED, type ControlChange, type PauseCause, type PauseRequest, type PreparedRun, type RunControl, type RunProgress } from '../pipeline/run-contract.ts';

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
      if (wanted === null || run === undefined) return;
      try {
        control = await quick.controlRun({ run, ...wanted });
      } catch (error) {
        const cause = pauseCauseOf(error);
        // Thrown in a signal's handler it would fail the run. Workers meet the same store, and pause.
        if (cause === null || wanted.change !== undefined) throw error;
        control = wanted.control;
      }
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
      const isKnown = control.paused !== undefined;
      let isLifted = false;
      // A pause that is still on its way to the file is lifted after it.
      await apply(() => {
        const { paused, ...others } = control;
        isLifted = paused !== undefined;
        return isLifted ? { control: others } : null;
      });
      if (isKnown || (isLifted && patched('lift-a-pause-under-way'))) upsertSearchAttributes({ SyngraphStatus: ['running'] });
    },
    async set(change) {
      await apply(() => ({ control, change }));
      return control;
    },
  };
}

/** Takes pauses, and changes of limits and caps, from whoever sends them to the run's workflow. */
export function handleControl(run: {
  pause: (request: PauseRequest) => Promise<void>;
  proceed: () => Promise<void>;
  set: (change: ControlChange) => Promise<RunControl>;
  progress: () => RunProgress;
  isPaused: () => boolean;
  isStopping: () => boolean;
}): void {
  setHandler(pauseSignal, (request) => run.pause(request ?? {}));
  const pause = async (request: PauseRequest | undefined): Promise<RunProgress> => {
    await run.pause(request ?? {});
    return run.progress();
  };
  setHandler(pauseUpdate, pause, { validator: (_request) => refuseIf(run.isStopping(), 'the run is stopping') });
  const resume = async (): Promise<RunProgress> => {
    await run.proceed();
    return run.progress();
  };
  setHandler(resumeUpdate, resume, { validator: () => refuseIf(!run.isPaused(), 'the run is not paused') });
  setHandler(setUpdate, run.set, { validator: (_change) => refuseIf(run.isStopping(), 'the run is stopping; resume it with the change instead') });
}

function refuseIf(isRefused: boolean, message: string): void {
  if (isRefused) throw ApplicationFailure.nonRetryable(message, 'USAGE');
}

/** What a run that somebody has paused says. */
export function pausedByHand({ reason, by }: PauseRequest): PauseCause {
  const who = by === undefined ? '' : ` by ${by}`;
  return { code: PAUSED, message: `paused${who}${reason === undefined ? '' : `: ${reason}`}`, nextStep: 'syngraph resume lets it go on.', node: null };
}
