import { CancellationScope, CancelledFailure, allHandlersFinished, condition, continueAsNew, isCancellation, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { MergeInput, PipelineInput, PreparedRun, RunStatus, RunSummary } from '../pipeline/run-contract.ts';
import { beating } from './activity-proxies.ts';
import { firstWave, nextWave } from './next-wave.ts';
import { runRanges } from './run-ranges.ts';
import { createRunState, type RunState } from './run-state.ts';
import { settleParked } from './settle-parked.ts';
import { tagQuality } from './tag-quality.ts';
import { untilDone } from './with-pauses.ts';

/** One run of a pipeline: stages the source, runs its ranges, merges their parts. */
export async function pipeline(input: PipelineInput): Promise<RunSummary> {
  const whole = CancellationScope.current();
  const state = createRunState(input.continued);
  const run = state.prepared ?? (await prepare(input, state));
  if (input.continued === undefined) state.cursor = firstWave(run);
  void stopAtDeadline(state);
  let failure: unknown = null;
  let isWhole = false;
  try {
    isWhole = await runWaves(run, state, input.rangesPerExecution ?? Infinity);
    // Ranges take a cancellation calmly: they hand over what is finished, and nothing is thrown.
    if (CancellationScope.current().consideredCancelled) failure = new CancelledFailure('cancelled');
  } catch (error) {
    failure = error;
  }
  // A change that is on its way belongs to what the next execution is handed.
  if (failure === null && !isWhole) {
    await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
    if (CancellationScope.current().consideredCancelled) failure = new CancelledFailure('cancelled');
  }
  // Ranges end a cancellation in order instead of throwing: only their counts tell of it.
  if (failure === null && state.stop === null && state.totals.cancelled > 0) failure = new CancelledFailure('cancelled while records were open');
  if (failure === null && state.stop === null && !isWhole) {
    const { cursor, staged, recordWorkflowsLeft, totals, earlierTotals, epoch, steering } = state;
    const control = Object.keys(steering.control).length === 0 ? {} : { control: steering.control };
    return continueAsNew<typeof pipeline>({
      ...input,
      continued: { prepared: run, cursor, staged, recordWorkflowsLeft, totals, earlierTotals, epoch, ...control },
    });
  }
  // The merge goes on when the run is cancelled: its finished records belong into the output.
  const summary = await CancellationScope.nonCancellable(() => finish(run, state, { failure, isCapped: state.stop !== null && !isWhole, whole }));
  if (failure === null) return summary;
  if (isCancellation(failure)) throw new CancelledFailure('cancelled; what was finished is in the output');
  throw failure as Error;
}

async function prepare(input: PipelineInput, state: RunState): Promise<PreparedRun> {
  const { workflowId, workflowType } = workflowInfo();
  const prepared = await untilDone(state, () => beating.prepareRun({ input, workflowId, workflowType }));
  state.steering.begin(prepared.control);
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

/** @returns false where the rest is left to the next execution */
async function runWaves(run: PreparedRun, state: RunState, mostRanges: number): Promise<boolean> {
  let rangesLeft = mostRanges;
  for (;;) {
    const before = state.cursor.nextRange;
    const isPhaseDone = await runRanges(run, state, rangesLeft);
    rangesLeft -= state.cursor.nextRange - before;
    if (state.stop !== null) return isComplete(run, state) && isPhaseDone;
    if (CancellationScope.current().consideredCancelled || state.totals.cancelled > 0) return true;
    if (!isPhaseDone) return false;
    if (state.cursor.parkedAt.length > 0) {
      const released = await settleParked(run, state);
      if (released === null) return false;
      const { phase, firstRange } = state.cursor;
      state.cursor = { ...state.cursor, phase: phase + 1, released, parkedAt: [], nextRange: firstRange };
      // Its ranges report again what is finished in them.
      state.totals = state.earlierTotals;
      continue;
    }
    const wave = nextWave(run, state);
    if (wave === null) return true;
    state.cursor = wave;
    state.earlierTotals = state.totals;
  }
}

/** Whether a run that was told to stop had come to its end all the same. */
function isComplete(run: PreparedRun, state: RunState): boolean {
  const { totals, staged, cursor } = state;
  const isAccounted = totals.written + totals.failed + totals.filtered === staged + totals.spawned;
  return isAccounted && cursor.parkedAt.length === 0 && nextWave(run, state) === null;
}

/** Workers start no calls after it; this ends what waits for anything else. */
async function stopAtDeadline(state: RunState): Promise<void> {
  try {
    while (state.stop === null) {
      const deadline = state.steering.control.caps?.deadline;
      const isOther = (): boolean => state.steering.control.caps?.deadline !== deadline;
      if (deadline === undefined) await condition(isOther);
      else if (!(await condition(isOther, Math.max(1, Date.parse(deadline) - Date.now())))) {
        await state.stopBecause({ code: 'DEADLINE_REACHED', message: `the run has come to its deadline ${deadline}`, nextStep: 'Resume it with a later --deadline; no finished call is repeated.', node: null });
      }
    }
  } catch (error) {
    // A run that is cancelled needs no deadline.
    if (!isCancellation(error)) throw error;
  }
}

async function finish(run: PreparedRun, state: RunState, { failure, isCapped, whole }: { failure: unknown; isCapped: boolean; whole: CancellationScope }): Promise<RunSummary> {
  state.status = 'merging';
  const { phase, parkedAt, firstRange, nextRange, endRange } = state.cursor;
  if ((failure !== null || isCapped) && (parkedAt.length > 0 || phase > 0)) {
    await untilDone(state, () => beating.salvageParked({ run: run.reference, phase, firstRange, endRange: endRange ?? nextRange + 1 }));
  }
  const merge: MergeInput = {
    run: run.reference,
    status: isCapped && failure === null ? 'capped' : statusOf(state, failure),
    ...(isCapped && state.stop !== null ? { stop: state.stop } : {}),
  };
  const summary = await untilDone(state, () => beating.mergeRun(merge));
  await untilDone(state, () => beating.indexJournal({ run: run.reference }));
  if (failure === null && !isCapped && run.quality === true) summary.quality = await tagQuality(run, state, whole);
  state.status = summary.status;
  upsertSearchAttributes({ SyngraphStatus: [summary.status] });
  return summary;
}

function statusOf(state: RunState, failure: unknown): RunStatus {
  if (failure !== null) return isCancellation(failure) ? 'cancelled' : 'failed';
  return state.totals.failed > 0 ? 'failed_records' : 'done';
}
