import { ApplicationFailure, condition, getExternalWorkflowHandle, setHandler, workflowInfo } from '@temporalio/workflow';
import { quick } from './activity-proxies.ts';
import { describeProgress } from './describe-progress.ts';
import { firstWave } from './next-wave.ts';
import type { ContinuedRun, PauseCause, PreparedRun, RunCursor, RunProgress, RunStatus } from '../pipeline/run-contract.ts';
import { addCounts, emptyCounts, type RecordCounts } from '../pipeline/run-statistics.ts';
import { haltSignal, planQuery, proceedSignal, progressQuery, rangeProgressSignal, reviewUpdate, reviewedSignal, type RangeProgress } from './signals.ts';

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
  /** Decisions that humans have made so far. */
  readonly decisions: number;
  openRange(range: number): void;
  closeRange(range: number, counts: RecordCounts): void;
  /** Resolves when the range has started its last batch. */
  draining(range: number): Promise<void>;
}

export function createRunState(continued: ContinuedRun | undefined): RunState {
  const root = workflowInfo().workflowId;
  const open = new Map<number, RangeProgress>();
  let pause: PauseCause | null = null;
  let epoch = continued?.epoch ?? 0;
  let decisions = 0;
  let reviews = 0;

  const counts = (): RecordCounts => [...open.values()].reduce((sum, one) => addCounts(sum, one.counts), state.totals);
  const describe = (): void => describeProgress(counts(), state.staged, { pause, reviews });

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
    get decisions() {
      return decisions;
    },
    openRange(range) {
      open.set(range, { range, counts: emptyCounts(), open: 0, closed: 0, draining: false });
    },
    closeRange(range, closed) {
      open.delete(range);
      state.totals = addCounts(state.totals, closed);
      describe();
    },
    async draining(range) {
      await condition(() => open.get(range)?.draining !== false);
    },
  };

  async function proceedAll(): Promise<void> {
    for (const range of open.keys()) {
      try {
        await getExternalWorkflowHandle(rangeWorkflowId({ root, range, phase: state.cursor.phase })).signal(proceedSignal, epoch);
      } catch {
        // The range closed in the meantime: nothing in it waits.
      }
    }
  }

  setHandler(progressQuery, (): RunProgress => {
    const ranges = [...open.values()];
    const batches = {
      open: ranges.reduce((sum, range) => sum + range.open, 0),
      closed: ranges.reduce((sum, range) => sum + range.closed, 0),
    };
    const { status, staged, cursor } = state;
    const stagedAll = cursor.exhausted || cursor.endRange !== null;
    return { status, pause, staged, stagedAll, counts: counts(), batches, reviews };
  });
  setHandler(planQuery, () => state.prepared && { planHash: state.prepared.reference.planHash, walk: state.prepared.walk });
  setHandler(rangeProgressSignal, (progress) => {
    if (open.has(progress.range)) open.set(progress.range, progress);
    describe();
  });
  setHandler(haltSignal, async (report) => {
    // A batch that halted before it heard of the last proceed only needs to hear it.
    if (report.epoch < epoch) return proceedAll();
    pause = report.cause;
    state.status = 'paused';
    describe();
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
  setHandler(proceedSignal, async () => {
    epoch += 1;
    pause = null;
    state.status = 'running';
    describe();
    await proceedAll();
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
