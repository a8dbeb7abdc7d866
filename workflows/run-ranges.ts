import { CancellationScope, ChildWorkflowCancellationType, executeChild, workflowInfo } from '@temporalio/workflow';
import { WORKFLOW_TASK_TIMEOUT, WORKFLOW_TYPES, type PreparedRun, type StagedRange } from '../pipeline/run-contract.ts';
import { beating } from './activity-proxies.ts';
import type { range } from './range.ts';
import { rangeWorkflowId, type RunState } from './run-state.ts';
import { untilDone } from './with-pauses.ts';

/** Batches in flight at least, so that samplers and writers of some overlap the calls of others. */
const MINIMUM_BATCHES = 8;

/** Records in flight per call in flight, so that no slot of the limiter waits for a batch's tail. */
const RECORDS_PER_CALL = 8;

/**
 * Stages and runs the ranges of a phase, the next one as soon as the last batch of the one before
 * has started. Returns when all that it opened is closed: nothing with open children may continue
 * as new.
 * @returns false where it stopped before the end of the phase
 */
export async function runRanges(run: PreparedRun, state: RunState, most: number): Promise<boolean> {
  const scope = new CancellationScope();
  const open: Promise<void>[] = [];
  let left = most;
  let failure: { error: unknown } | null = null;
  const isDone = (): boolean => state.cursor.endRange !== null && state.cursor.nextRange >= state.cursor.endRange;
  await scope.run(async () => {
    const stages = createStages(run, state);
    if (run.stageFirst && run.target === undefined && state.cursor.phase === 0) await stages.all();
    while (!isDone() && left > 0 && !workflowInfo().continueAsNewSuggested && failure === null && state.stop === null) {
      const number = state.cursor.nextRange;
      const stage = await stages.at(number);
      if (state.cursor.phase === 0) noteStaged(state, number, stage);
      if (stage.closed !== null) state.closeRange(number, stage.closed);
      else if (stage.records > 0) {
        const running = runRange(run, state, { number, stage }).catch((error: unknown) => {
          // One range that fails stops the others: what they have finished is merged all the same.
          failure ??= { error };
          scope.cancel();
        });
        open.push(running);
        await Promise.race([state.draining(number), running]);
      }
      left -= 1;
      state.cursor = { ...state.cursor, nextRange: number + 1 };
    }
  }).catch((error: unknown) => {
    failure ??= { error };
  });
  await CancellationScope.nonCancellable(() => Promise.all(open));
  const failed = failure as { error: unknown } | null;
  if (failed !== null) throw failed.error;
  return isDone();
}

function noteStaged(state: RunState, number: number, stage: StagedRange): void {
  const { wanted } = state.cursor;
  const left = wanted === null ? null : wanted - stage.records;
  const isLast = stage.last || (left !== null && left <= 0);
  state.staged += stage.records;
  state.cursor = { ...state.cursor, wanted: left, exhausted: stage.last, endRange: isLast ? number + 1 : null };
}

/** Ranges of the source, staged once each, in their order. */
function createStages(run: PreparedRun, state: RunState): { at(range: number): Promise<StagedRange>; all(): Promise<void> } {
  const staged = new Map<number, StagedRange>();
  const { phase } = state.cursor;
  let { batchSize } = run;
  let next = state.cursor.nextRange;
  let first = state.staged;

  async function stageNext(): Promise<StagedRange> {
    // Without what is staged ahead: `wanted` is told of a range once its turn has come.
    const { wanted } = state.cursor;
    const most = wanted === null ? {} : { most: Math.max(0, wanted - (first - state.staged)) };
    const input = { run: run.reference, range: next, phase, first, batchSize, ...most };
    const stage = await untilDone(state, () => beating.stageRange(input));
    staged.set(next, stage);
    next += 1;
    first += stage.records;
    batchSize = stage.batchSize;
    return stage;
  }

  return {
    at: async (range) => staged.get(range) ?? (await stageNext()),
    async all() {
      while (!(await stageNext()).last);
    },
  };
}

async function runRange(
  run: PreparedRun,
  state: RunState,
  { number, stage }: { number: number; stage: StagedRange },
): Promise<void> {
  const { phase, released } = state.cursor;
  state.openRange(number, stage.records);
  const result = await executeChild<typeof range>(WORKFLOW_TYPES.range, {
    workflowId: rangeWorkflowId({ root: workflowInfo().workflowId, range: number, phase }),
    args: [
      {
        run: run.reference,
        root: workflowInfo().workflowId,
        walk: run.walk,
        range: number,
        records: stage.records,
        batchSize: stage.batchSize,
        finishedBatches: stage.finishedBatches,
        ...(stage.parkedBatches === undefined ? {} : { parkedBatches: stage.parkedBatches }),
        phase,
        released,
        batchesInFlight: Math.max(MINIMUM_BATCHES, Math.ceil((RECORDS_PER_CALL * (state.steering.control.concurrency ?? run.concurrency)) / stage.batchSize)),
        recordWorkflows: state.recordWorkflowsLeft,
        quickFinish: run.quickFinish,
        epoch: state.epoch,
      },
    ],
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
    searchAttributes: workflowInfo().searchAttributes,
  });
  state.recordWorkflowsLeft = Math.max(0, state.recordWorkflowsLeft - result.failedRecordWorkflows);
  const parkedAt = [...new Set([...state.cursor.parkedAt, ...(result.parkedAt ?? [])])].sort((left, right) => left - right);
  state.cursor = { ...state.cursor, parkedAt };
  state.closeRange(number, result.counts);
}
