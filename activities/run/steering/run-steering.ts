import { setMaxListeners } from 'node:events';
import type { Plan } from '../../../pipeline/plan.ts';
import type { RunControl } from '../../../pipeline/run-contract.ts';
import type { ActivityDependencies } from '../../dependencies.ts';
import { PauseRun } from '../../nodes/pause-run.ts';
import { readJson } from '../../store/read-json.ts';
import type { LiveCounters } from '../run-files.ts';
import { addPaid, capReached, nothingPaid, type Paid } from './caps.ts';
import { readControl } from './control-file.ts';
import { RunCapped } from './run-capped.ts';

/** How long a change of a run's control may take to be heard of by a worker, at most. */
const LOOK_MILLISECONDS = 1_000;

/** Limits stay for so long while a run has no work here: between two of its activities. */
const IDLE_MILLISECONDS = 10_000;

/**
 * What this worker may do for a run right now. Follows the run's control file while the run has
 * work here, and passes its limits on to the gateway. A look a second, whatever the number of calls.
 */
export interface RunSteering {
  /** Does work of the run, begun once the control is known as it is; changes are followed until it ends. */
  during<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Aborts when activities of this epoch may start no call: by a PauseRun or a RunCapped. Calls in flight go on. */
  hold(epoch: number): AbortSignal;
  /** Answers were paid for by this worker, including those of an earlier life of its. */
  readonly paid: Paid;
  /** Told of every answer that was made for this run, at once. */
  notePaid(paid: { tokens: number; cost: number | null }): void;
  /** Work of the run is under way here. */
  readonly isBusy: boolean;
}

export interface SteeringOptions {
  dependencies: Pick<ActivityDependencies, 'store' | 'gateway' | 'workerName'>;
  folder: string;
  plan: Pick<Plan, 'models'>;
  /** Names the run at the gateway. */
  run: string;
  /** What this worker has paid before it opened the run. */
  paidBefore: Paid;
  /** Told whenever `paid` has grown. */
  onPaid: () => void;
}

export function createRunSteering({ dependencies, folder, plan, run, paidBefore, onPaid }: SteeringOptions): RunSteering {
  const { store, gateway, workerName } = dependencies;
  const holds = new Map<number, AbortController>();
  let control: RunControl = {};
  let paid = paidBefore;
  let paidByOthers = nothingPaid();
  let working = 0;
  let lookedAt = 0;
  let looking: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let idle: NodeJS.Timeout | undefined;

  /** Why activities of an epoch are held; null where they are not. */
  function reasonFor(epoch: number): PauseRun | RunCapped | null {
    const { paused, caps } = control;
    const cap = caps === undefined ? null : capReached(caps, addPaid(paid, paidByOthers), Date.now());
    if (cap !== null) return new RunCapped(cap);
    return paused !== undefined && epoch <= paused.epoch ? new PauseRun(paused.cause) : null;
  }

  function holdAll(): void {
    for (const [epoch, controller] of holds) {
      const reason = controller.signal.aborted ? null : reasonFor(epoch);
      if (reason !== null) controller.abort(reason);
    }
  }

  async function readPaid(worker: string): Promise<Paid> {
    return (await readJson<LiveCounters>(store, worker))?.paid ?? nothingPaid();
  }

  async function look(): Promise<void> {
    control = await readControl(store, folder);
    if (control.caps?.budget !== undefined || control.caps?.tokens !== undefined) {
      const others = (await store.list(`${folder}/live`)).filter((key) => !key.endsWith(`/${workerName}.json`));
      paidByOthers = (await Promise.all(others.map(readPaid))).reduce(addPaid, nothingPaid());
    }
    lookedAt = Date.now();
    if (working > 0) applyLimits(control);
    holdAll();
  }

  function lookOnce(): Promise<void> {
    return (looking ??= look().finally(() => (looking = undefined)));
  }

  function applyLimits({ concurrency, priority, models = {} }: RunControl): void {
    gateway.prioritiseRun(run, priority ?? null);
    gateway.limitRun(run, concurrency ?? null);
    for (const [name, model] of Object.entries(plan.models)) gateway.limitModel(model, run, models[name] ?? null);
  }

  function schedule(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      // A store that does not answer is told of by what must be written; the next look may find it again.
      void lookOnce().catch(() => undefined).finally(() => {
        if (working > 0) schedule();
      });
    }, LOOK_MILLISECONDS).unref();
  }

  async function begin(): Promise<void> {
    working += 1;
    clearTimeout(idle);
    // What held the run when it was looked at last may be over.
    const isHeld = control.paused !== undefined || reasonFor(Infinity) !== null;
    if (isHeld || Date.now() - lookedAt > LOOK_MILLISECONDS) await lookOnce();
    schedule();
  }

  function end(): void {
    working -= 1;
    if (working > 0) return;
    clearTimeout(timer);
    timer = undefined;
    idle = setTimeout(() => applyLimits({}), IDLE_MILLISECONDS).unref();
  }

  return {
    async during(work) {
      try {
        await begin();
        return await work();
      } finally {
        end();
      }
    },
    hold(epoch) {
      const reason = reasonFor(epoch);
      const known = holds.get(epoch);
      // One that has aborted stays so, even if its cause is over.
      const controller = known === undefined || (known.signal.aborted && reason === null) ? new AbortController() : known;
      if (controller !== known) setMaxListeners(0, controller.signal);
      holds.set(epoch, controller);
      if (reason !== null && !controller.signal.aborted) controller.abort(reason);
      return controller.signal;
    },
    get paid() {
      return paid;
    },
    get isBusy() {
      return working > 0;
    },
    notePaid({ tokens, cost }) {
      paid = addPaid(paid, { calls: 1, tokens, cost: cost ?? 0 });
      onPaid();
      if (control.caps !== undefined) holdAll();
    },
  };
}
