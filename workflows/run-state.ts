import { condition, getExternalWorkflowHandle, setHandler, workflowInfo } from '@temporalio/workflow';
import { describeProgress } from './describe-progress.ts';
import type { ContinuedRun, PauseCause, PreparedRun, RunProgress, RunStatus } from '../pipeline/run-contract.ts';
import { addCounts, emptyCounts, type RecordCounts } from '../pipeline/run-statistics.ts';
import { haltSignal, planQuery, proceedSignal, progressQuery, rangeProgressSignal, type RangeProgress } from './signals.ts';

/** What a run's workflow knows of its ranges; answers queries, pauses and goes on by signals. */
export interface RunState {
  prepared: PreparedRun | null;
  status: RunStatus;
  staged: number;
  stagedAll: boolean;
  readonly epoch: number;
  recordWorkflowsLeft: number;
  readonly totals: RecordCounts;
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
  let totals = continued?.totals ?? emptyCounts();

  const counts = (): RecordCounts => [...open.values()].reduce((sum, one) => addCounts(sum, one.counts), totals);
  const describe = (): void => describeProgress(counts(), state.staged, pause);

  const state: RunState = {
    prepared: continued?.prepared ?? null,
    status: 'running',
    staged: continued?.staged ?? 0,
    stagedAll: false,
    recordWorkflowsLeft: continued?.recordWorkflowsLeft ?? 0,
    get epoch() {
      return epoch;
    },
    get totals() {
      return totals;
    },
    openRange(range) {
      open.set(range, { range, counts: emptyCounts(), open: 0, closed: 0, draining: false });
    },
    closeRange(range, closed) {
      open.delete(range);
      totals = addCounts(totals, closed);
      describe();
    },
    async draining(range) {
      await condition(() => open.get(range)?.draining !== false);
    },
  };

  async function proceedAll(): Promise<void> {
    for (const range of open.keys()) {
      try {
        await getExternalWorkflowHandle(rangeWorkflowId(root, range)).signal(proceedSignal, epoch);
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
    const { status, staged, stagedAll } = state;
    return { status, pause, staged, stagedAll, counts: counts(), batches };
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
  setHandler(proceedSignal, async () => {
    epoch += 1;
    pause = null;
    state.status = 'running';
    describe();
    await proceedAll();
  });
  return state;
}

export function rangeWorkflowId(root: string, range: number): string {
  return `${root}/range/${String(range).padStart(5, '0')}`;
}
