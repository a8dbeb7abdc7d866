import {
  CancellationScope,
  ChildWorkflowCancellationType,
  Trigger,
  getExternalWorkflowHandle,
  isCancellation,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { beating } from './activity-proxies.ts';
import type { batch } from './batch.ts';
import { describeProgress } from './describe-progress.ts';
import {
  RANGE_BATCHES,
  WORKFLOW_TASK_TIMEOUT,
  WORKFLOW_TYPES,
  type BatchResult,
  type RangeInput,
  type RangeResult,
} from '../pipeline/run-contract.ts';
import { addCounts, emptyCounts } from '../pipeline/run-statistics.ts';
import { createHalting } from './halting.ts';
import { phaseSuffix } from './run-state.ts';
import { drainSignal, proceedSignal, rangeProgressSignal } from './signals.ts';

/** Batches between two progress signals to the run: few, since each costs events in its history. */
const BATCHES_PER_SIGNAL = 10;

/** Batches that may be starting at a time. */
const LANES_AT_ONCE = 4;

/** Up to 200 batches, a bounded number of them at a time. */
export async function range(input: RangeInput): Promise<RangeResult> {
  const todo = unfinishedBatches(input);
  const open = new Map<number, string>();
  const results: BatchResult[] = [];
  const { phase = 0, released = [], parkedBatches = [] } = input;
  const parkedAt = new Set(parkedBatches.flatMap((parked) => parked.parkedAt));
  let closed = 0;
  const halting = createHalting(input.root, input.epoch);
  let recordWorkflowsLeft = input.recordWorkflows;

  halting.onProceed(async (epoch) => {
    await Promise.all([...open.values()].map((workflowId) => proceed(workflowId, epoch)));
  });

  setHandler(drainSignal, async () => {
    todo.length = 0;
    await report();
  });

  async function report(): Promise<void> {
    const counts = results.reduce((sum, result) => addCounts(sum, result.counts), emptyCounts());
    describeProgress(counts, input.records);
    const progress = { range: input.range, counts, open: open.size, closed, draining: todo.length === 0 };
    await getExternalWorkflowHandle(input.root).signal(rangeProgressSignal, progress);
  }

  async function runBatch(number: number, started: () => void): Promise<void> {
    const workflowId = `${input.root}/batch/${String(input.range * RANGE_BATCHES + number).padStart(5, '0')}${phaseSuffix(phase)}`;
    open.set(number, workflowId);
    if (todo.length === 0) await report();
    const child = await startChild<typeof batch>(WORKFLOW_TYPES.batch, {
      workflowId,
      args: [
        {
          run: input.run,
          root: input.root,
          walk: input.walk,
          range: input.range,
          batch: number,
          records: Math.min(input.batchSize, input.records - number * input.batchSize),
          recordWorkflows: recordWorkflowsLeft,
          quickFinish: input.quickFinish,
          phase,
          released,
          epoch: halting.epoch,
        },
      ],
      cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
      workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
      searchAttributes: workflowInfo().searchAttributes,
    });
    started();
    const result = await child.result();
    open.delete(number);
    closed += 1;
    if (result.part === null) for (const node of result.parkedAt) parkedAt.add(node);
    else {
      results.push(result);
      recordWorkflowsLeft = Math.max(0, recordWorkflowsLeft - result.counts.failed);
    }
    if (closed % BATCHES_PER_SIGNAL === 0) await report();
  }

  const scope = new CancellationScope();
  const firstStarts = Array.from({ length: input.batchesInFlight }, () => new Trigger<void>());
  async function runLane(lane: number): Promise<void> {
    const started = (): void => firstStarts[lane]?.resolve();
    try {
      // All at once, the starts of the last batches would keep the first ones from their models.
      await firstStarts[lane - LANES_AT_ONCE];
      for (let number = todo.shift(); number !== undefined; number = todo.shift()) {
        if (scope.consideredCancelled) return;
        await runBatch(number, started);
      }
    } finally {
      started();
    }
  }

  let failure: { error: unknown } | null = null;
  await scope.run(() =>
    Promise.all(
      Array.from({ length: input.batchesInFlight }, (_, lane) =>
        runLane(lane).catch((error: unknown) => {
          failure ??= isCancellation(error) ? null : { error };
          scope.cancel();
        }),
      ),
    ),
  );
  const counts = await CancellationScope.nonCancellable(() =>
    halting.untilDone(() => beating.closeRange({ run: input.run, range: input.range, batches: results, finishedBatches: input.finishedBatches })),
  );
  const failed = failure as { error: unknown } | null;
  if (failed !== null) throw failed.error;
  return { range: input.range, counts, failedRecordWorkflows: input.recordWorkflows - recordWorkflowsLeft, parkedAt: [...parkedAt].sort((left, right) => left - right) };
}

async function proceed(workflowId: string, epoch: number): Promise<void> {
  try {
    await getExternalWorkflowHandle(workflowId).signal(proceedSignal, epoch);
  } catch {
    // The batch closed in the meantime: it waits for nothing.
  }
}

function unfinishedBatches(input: RangeInput): number[] {
  const finished = new Set([...input.finishedBatches, ...(input.parkedBatches ?? []).map((parked) => parked.batch)]);
  const batches = Math.ceil(input.records / input.batchSize);
  return Array.from({ length: batches }, (_, number) => number).filter((number) => !finished.has(number));
}
