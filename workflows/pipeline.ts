import {
  CancellationScope,
  CancelledFailure,
  ChildWorkflowCancellationType,
  continueAsNew,
  executeChild,
  isCancellation,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { beating } from './activity-proxies.ts';
import { WORKFLOW_TASK_TIMEOUT, WORKFLOW_TYPES, type PipelineInput, type PreparedRun, type RunStatus, type RunSummary, type StagedRange } from '../pipeline/run-contract.ts';
import type { range } from './range.ts';
import { createRunState, rangeWorkflowId, type RunState } from './run-state.ts';

/** Batches in flight at least, so that samplers and writers of some overlap the calls of others. */
const MINIMUM_BATCHES = 8;

/** Records in flight per call in flight, so that no slot of the limiter waits for a batch's tail. */
const RECORDS_PER_CALL = 8;

/** One run of a pipeline: stages the source, runs its ranges, merges their parts. */
export async function pipeline(input: PipelineInput): Promise<RunSummary> {
  const state = createRunState(input.continued);
  const run = state.prepared ?? (await prepare(input, state));
  let failure: unknown = null;
  let nextRange = input.continued?.nextRange ?? 0;
  try {
    nextRange = await runRanges(run, state, { first: nextRange, most: input.rangesPerExecution ?? Infinity });
    // Ranges take a cancellation calmly: they hand over what is finished, and nothing is thrown.
    if (CancellationScope.current().consideredCancelled) failure = new CancelledFailure('cancelled');
  } catch (error) {
    failure = error;
  }
  // Ranges end a cancellation in order instead of throwing: only their counts tell of it.
  if (failure === null && state.totals.cancelled > 0) failure = new CancelledFailure('cancelled while records were open');
  if (failure === null && !state.stagedAll) {
    const { staged, recordWorkflowsLeft, totals, epoch } = state;
    return continueAsNew<typeof pipeline>({
      ...input,
      continued: { prepared: run, nextRange, staged, recordWorkflowsLeft, totals, epoch },
    });
  }
  // The merge goes on when the run is cancelled: its finished records belong into the output.
  const summary = await CancellationScope.nonCancellable(() => finish(run, state, failure));
  if (failure === null) return summary;
  if (isCancellation(failure)) throw new CancelledFailure('cancelled; what was finished is in the output');
  throw failure as Error;
}

async function prepare(input: PipelineInput, state: RunState): Promise<PreparedRun> {
  const prepared = await beating.prepareRun({ input, workflowId: workflowInfo().workflowId });
  state.prepared = prepared;
  state.recordWorkflowsLeft = prepared.recordWorkflows;
  // A run that `temporal workflow start` has started carries no search attributes yet.
  upsertSearchAttributes({
    SyngraphPipeline: [prepared.reference.pipeline],
    SyngraphRun: [prepared.reference.run],
    SyngraphStatus: ['running'],
  });
  return prepared;
}

/**
 * Stages and runs ranges, the next one as soon as the last batch of the one before has started.
 * Returns when all that it opened is closed: nothing with open children may continue as new.
 */
async function runRanges(
  run: PreparedRun,
  state: RunState,
  { first, most }: { first: number; most: number },
): Promise<number> {
  const scope = new CancellationScope();
  const open: Promise<void>[] = [];
  let number = first;
  let failure: { error: unknown } | null = null;
  await scope.run(async () => {
    const stages = createStages(run);
    if (run.stageFirst) await stages.all(first);
    while (!state.stagedAll && number - first < most && !workflowInfo().continueAsNewSuggested && failure === null) {
      const stage = await stages.at(number);
      state.staged += stage.records;
      state.stagedAll = stage.last;
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
      number += 1;
    }
  }).catch((error: unknown) => {
    failure ??= { error };
  });
  await CancellationScope.nonCancellable(() => Promise.all(open));
  const failed = failure as { error: unknown } | null;
  if (failed !== null) throw failed.error;
  return number;
}

/** Ranges of the source, staged once each. */
function createStages(run: PreparedRun): { at(range: number): Promise<StagedRange>; all(first: number): Promise<void> } {
  const staged = new Map<number, StagedRange>();
  let { batchSize } = run;
  async function at(range: number): Promise<StagedRange> {
    const stage = staged.get(range) ?? (await beating.stageRange({ run: run.reference, range, batchSize }));
    staged.set(range, stage);
    batchSize = stage.batchSize;
    return stage;
  }
  return {
    at,
    async all(first) {
      for (let range = first; !(await at(range)).last; range += 1);
    },
  };
}

async function runRange(
  run: PreparedRun,
  state: RunState,
  { number, stage }: { number: number; stage: StagedRange },
): Promise<void> {
  state.openRange(number);
  const result = await executeChild<typeof range>(WORKFLOW_TYPES.range, {
    workflowId: rangeWorkflowId(workflowInfo().workflowId, number),
    args: [
      {
        run: run.reference,
        root: workflowInfo().workflowId,
        walk: run.walk,
        range: number,
        records: stage.records,
        batchSize: stage.batchSize,
        finishedBatches: stage.finishedBatches,
        batchesInFlight: Math.max(MINIMUM_BATCHES, Math.ceil((RECORDS_PER_CALL * run.concurrency) / stage.batchSize)),
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
  state.closeRange(number, result.counts);
}

async function finish(run: PreparedRun, state: RunState, failure: unknown): Promise<RunSummary> {
  state.status = 'merging';
  const summary = await beating.mergeRun({ run: run.reference, status: finalStatus(state, failure) });
  await beating.indexJournal({ run: run.reference });
  state.status = summary.status;
  upsertSearchAttributes({ SyngraphStatus: [summary.status] });
  return summary;
}

function finalStatus(state: RunState, failure: unknown): RunStatus {
  if (failure !== null) return isCancellation(failure) ? 'cancelled' : 'failed';
  return state.totals.failed > 0 ? 'failed_records' : 'done';
}
