import { ApplicationFailure, condition, getExternalWorkflowHandle, patched, setHandler, workflowInfo, type ExternalWorkflowHandle } from '@temporalio/workflow';
import { quick } from './activity-proxies.ts';
import { describeProgress } from './describe-progress.ts';
import { firstWave } from './next-wave.ts';
import { isCap, PAUSED, type ContinuedRun, type PauseCause, type PauseRequest, type PreparedRun, type RunCursor, type RunProgress, type RunStatus } from '../pipeline/run-contract.ts';
import { addCounts, emptyCounts, type RecordCounts } from '../pipeline/run-statistics.ts';
import { createRunSteering, handleControl, pausedByHand, type RunSteering } from './run-steering.ts';
import { drainSignal, haltSignal, pauseSignal, planQuery, proceedSignal, progressQuery, rangeProgressSignal, reviewUpdate, reviewedSignal, type RangeProgress } from './signals.ts';

/** What a run's workflow knows of its ranges; answers queries, pauses and goes on by signals. */
export interface RunState {
  prepared: PreparedRun | null;
  status: RunStatus;
  cursor: RunCursor;
  staged: number;
  readonly epoch: number;
  recordWorkflowsLeft: number;
  /** Of closed ranges. */
  totals: RecordCounts;
  /** Of the waves before this one. */
  earlierTotals: RecordCounts;
  /** Records that wait for a human. */
  reviews: number;
  /** Changes of the run while it goes. */
  readonly steering: RunSteering;
  /** Why the run stops before its end; nothing new is opened then. */
  readonly stop: PauseCause | null;
  /** Ends the run where it is: its open batches end with what they have. */
  stopBecause(cause: PauseCause): Promise<void>;
  /** Work of the run itself has met what only a human can mend; resolves once the run goes on, or stops. */
  haltBecause(cause: PauseCause): Promise<void>;
  /** Likewise, for work that must be done even if the run stops. */
  pauseBecause(cause: PauseCause): Promise<void>;
  /** Decisions that humans have made so far. */
  readonly decisions: number;
  /** A workflow has begun to tag what the run has written: it is paused and resumed with the run. */
  beginTagging(workflowId: string): void;
  endTagging(): void;
  openRange(range: number, records: number): void;
  closeRange(range: number, counts: RecordCounts): void;
  /** Resolves when the range has started its last batch. */
  draining(range: number): Promise<void>;
}

export function createRunState(continued: ContinuedRun | undefined): RunState {
  const root = workflowInfo().workflowId;
  const open = new Map<number, RangeProgress>();
  /** Records of open ranges. */
  const sizes = new Map<number, number>();
  let pause: PauseCause | null = null;
  let epoch = continued?.epoch ?? 0;
  let decisions = 0;
  let reviews = 0;
  let stop: PauseCause | null = null;
  let tagging: string | null = null;
  const steering = createRunSteering(() => state.prepared, continued?.control);

  const counts = (): RecordCounts => [...open.values()].reduce((sum, one) => addCounts(sum, one.counts), state.totals);
  const describe = (): void => describeProgress(counts(), state.staged, { pause, stop, waiting: waiting(), reviews, tagging, control: steering.control });

  const state: RunState = {
    prepared: continued?.prepared ?? null,
    status: 'running',
    cursor: continued?.cursor ?? { ...firstWave({}), nextRange: continued?.nextRange ?? 0 },
    staged: continued?.staged ?? 0,
    recordWorkflowsLeft: continued?.recordWorkflowsLeft ?? 0,
    totals: continued?.totals ?? emptyCounts(),
    earlierTotals: continued?.earlierTotals ?? emptyCounts(),
    get reviews() {
      return reviews;
    },
    set reviews(waiting) {
      reviews = waiting;
      describe();
    },
    get epoch() {
      return epoch;
    },
    steering,
    get stop() {
      return stop;
    },
    async stopBecause(cause) {
      if (stop !== null) return;
      stop = cause;
      if (pause !== null) epoch += 1;
      pause = null;
      state.status = 'running';
      describe();
      await Promise.all([...open.keys()].map((range) => signalRange(range, (handle) => handle.signal(drainSignal))));
      // What was paused ends with what it has: it finds the cap in place.
      await proceedAll();
    },
    async haltBecause(cause) {
      if (isCap(cause.code)) return state.stopBecause(cause);
      const halted = epoch;
      notePause(cause);
      await condition(() => epoch > halted || stop !== null);
    },
    async pauseBecause(cause) {
      const halted = epoch;
      notePause(cause);
      await condition(() => epoch > halted);
    },
    get decisions() {
      return decisions;
    },
    beginTagging(workflowId) {
      tagging = workflowId;
      describe();
      if (pause !== null) void signalTagging((handle) => handle.signal(pauseSignal));
    },
    endTagging() {
      tagging = null;
    },
    openRange(range, records) {
      sizes.set(range, records);
      open.set(range, { range, counts: emptyCounts(), open: 0, closed: 0, draining: false });
    },
    closeRange(range, closed) {
      open.delete(range);
      sizes.delete(range);
      state.totals = addCounts(state.totals, closed);
      describe();
    },
    async draining(range) {
      await condition(() => open.get(range)?.draining !== false || stop !== null);
    },
  };

  /** What is not in open ranges, and has not come to its end. */
  function waiting(): number {
    const { cursor, totals } = state;
    if (cursor.parkedAt.length === 0 && cursor.phase === 0) return 0;
    const underWay = [...sizes.values()].reduce((sum, records) => sum + records, 0);
    return Math.max(0, state.staged + totals.spawned - totals.written - totals.failed - totals.filtered - totals.cancelled - underWay);
  }

  function notePause(cause: PauseCause): void {
    pause = cause;
    state.status = 'paused';
    describe();
  }

  async function signalRange(range: number, send: (handle: ExternalWorkflowHandle) => Promise<void>): Promise<void> {
    try {
      await send(getExternalWorkflowHandle(rangeWorkflowId({ root, range, phase: state.cursor.phase })));
    } catch {
      // The range closed in the meantime: nothing in it waits.
    }
  }

  async function signalTagging(send: (handle: ExternalWorkflowHandle) => Promise<void>): Promise<void> {
    if (tagging === null || !patched('steer-the-tagging')) return;
    try {
      await send(getExternalWorkflowHandle(tagging));
    } catch {
      // It has closed in the meantime.
    }
  }

  async function proceedAll(): Promise<void> {
    for (const range of open.keys()) await signalRange(range, (handle) => handle.signal(proceedSignal, epoch));
  }

  const progress = (): RunProgress => {
    const ranges = [...open.values()];
    const batches = {
      open: ranges.reduce((sum, range) => sum + range.open, 0),
      closed: ranges.reduce((sum, range) => sum + range.closed, 0),
    };
    const { status, staged, cursor } = state;
    const stagedAll = cursor.exhausted || cursor.endRange !== null;
    const { control } = steering;
    return { status, pause, staged, stagedAll, counts: counts(), batches, reviews, ...(waiting() === 0 ? {} : { waiting: waiting() }), ...(tagging === null ? {} : { tagging }), ...(Object.keys(control).length === 0 ? {} : { control }) };
  };

  async function pauseNow(request: PauseRequest): Promise<void> {
    if (stop !== null || pause?.code === PAUSED) return;
    // A run that a fault has paused may still be asking other models: somebody who pauses it wants that to end, too.
    if (pause !== null && !patched('pause-over-a-fault')) return;
    const cause = pausedByHand(request);
    notePause(cause);
    await steering.pause(epoch, cause);
    await signalTagging((handle) => handle.signal(pauseSignal, request));
  }

  async function proceedNow(): Promise<void> {
    epoch += 1;
    pause = null;
    state.status = tagging === null ? 'running' : 'merging';
    describe();
    await steering.proceed();
    await proceedAll();
    await signalTagging((handle) => handle.signal(proceedSignal));
  }

  setHandler(progressQuery, progress);
  setHandler(planQuery, () => state.prepared && { planHash: state.prepared.reference.planHash, walk: state.prepared.walk });
  setHandler(rangeProgressSignal, (progress) => {
    if (open.has(progress.range)) open.set(progress.range, progress);
    describe();
  });
  setHandler(haltSignal, async (report) => {
    if (isCap(report.cause.code)) return state.stopBecause(report.cause);
    // A batch that halted before it heard of the last proceed only needs to hear it.
    if (report.epoch < epoch) return proceedAll();
    notePause(report.cause);
  });
  const noteDecisions = (decided: number): void => {
    decisions += decided;
    state.reviews = Math.max(0, state.reviews - decided);
  };
  setHandler(reviewedSignal, ({ decided }) => noteDecisions(decided));
  setHandler(reviewUpdate, async (update) => {
    if (state.prepared === null) throw ApplicationFailure.nonRetryable('no record waits yet', 'USAGE');
    await quick.decideReview({ run: state.prepared.reference, update });
    noteDecisions(1);
  });
  setHandler(proceedSignal, proceedNow);
  handleControl({
    pause: pauseNow,
    proceed: proceedNow,
    async set(change) {
      const control = await steering.set(change);
      describe();
      return control;
    },
    progress,
    // What tags the output may have been paused by a fault of its own.
    isPaused: () => pause !== null || tagging !== null,
    isStopping: () => stop !== null,
  });
  return state;
}

export function rangeWorkflowId({ root, range, phase }: { root: string; range: number; phase: number }): string {
  return `${root}/range/${String(range).padStart(5, '0')}${phaseSuffix(phase)}`;
}

/** Later phases take the same ranges and batches up again, under ids of their own. */
export function phaseSuffix(phase: number): string {
  return phase === 0 ? '' : `/phase-${phase}`;
}
