import { Context } from '@temporalio/activity';
import { randomBytes } from 'node:crypto';
import type {
  BegunRetry,
  CloseRangeInput,
  ControlRunInput,
  DecideSetInput,
  FinishBatchInput,
  FinishedBatch,
  LoadParkedInput,
  MergeInput,
  NodeResult,
  OpenReviewsInput,
  ParkBatchInput,
  ParkedWalk,
  PrepareRunInput,
  ProviderBatchInput,
  ProviderBatchProgress,
  PreparedQuality,
  PreparedRun,
  RecordInput,
  RecordsOfRun,
  RequestRetryInput,
  RetryFailures,
  ReviewUpdate,
  RunControl,
  RunNodeInput,
  RunReference,
  RunSummary,
  SalvageInput,
  StageRangeInput,
  StagedRange,
} from '../pipeline/run-contract.ts';
import type { RecordCounts } from '../pipeline/run-statistics.ts';
import { asActivity } from './as-activity.ts';
import { openBatches } from './data/open-source.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { indexRun } from './journal/index-run.ts';
import { createBatchData } from './nodes/batch-data.ts';
import { runNode } from './nodes/run-node.ts';
import { advanceBatches } from './provider-batches/advance-batches.ts';
import { prepareQuality } from './quality/prepare-quality.ts';
import { closeRange } from './run/close-range.ts';
import { controlRun } from './run/steering/control-run.ts';
import { decideReview } from './run/decide-review.ts';
import { finishBatch } from './run/finish-batch.ts';
import { mergeRun } from './run/merge-run.ts';
import { mergeRetry } from './run/retry/merge-retry.ts';
import { beginRetry, requestRetry, retryFailures } from './run/retry/reset-records.ts';
import { referenceOf } from './run/retry/retries-of-run.ts';
import { stagedRetry } from './run/retry/staged-retry.ts';
import { openReviews } from './run/open-reviews.ts';
import { loadParked, parkBatch } from './run/parked-walks.ts';
import { prepareRun } from './run/prepare-run.ts';
import { createRunContexts, type RunContext } from './run/run-context.ts';
import { withoutSeen } from './run/seen/without-seen.ts';
import { salvageParked } from './run/salvage-parked.ts';
import { showFailure } from './run/show-failure.ts';
import { linesOf, sourceLines } from './run/source-lines.ts';
import { createSession, groupsOf, stageRange, type StagingSession } from './run/stage-range.ts';
import { decideWaiting } from './sets/set-decisions.ts';
import { taskTransformFunctions } from './run/task-transform-functions.ts';

/** Names and signatures of all activities; workflows import this type and nothing else from here. */
export interface SyngraphActivities {
  prepareRun(input: PrepareRunInput): Promise<PreparedRun>;
  stageRange(input: StageRangeInput): Promise<StagedRange>;
  runNode(input: RunNodeInput): Promise<NodeResult>;
  finishBatch(input: FinishBatchInput): Promise<FinishedBatch>;
  closeRange(input: CloseRangeInput): Promise<RecordCounts>;
  mergeRun(input: MergeInput): Promise<RunSummary>;
  indexJournal(input: { run: RunReference }): Promise<void>;
  parkBatch(input: ParkBatchInput): Promise<void>;
  loadParked(input: LoadParkedInput): Promise<ParkedWalk>;
  decideSet(input: DecideSetInput): Promise<void>;
  advanceProviderBatch(input: ProviderBatchInput): Promise<ProviderBatchProgress>;
  openReviews(input: OpenReviewsInput): Promise<number>;
  prepareQuality(input: { run: RunReference }): Promise<PreparedQuality>;
  decideReview(input: { run: RunReference; update: ReviewUpdate }): Promise<void>;
  salvageParked(input: SalvageInput): Promise<void>;
  controlRun(input: ControlRunInput): Promise<RunControl>;
  showFailure(input: RecordInput): Promise<void>;
  requestRetry(input: RequestRetryInput): Promise<{ workflowRunId: string }>;
  beginRetry(input: RecordsOfRun): Promise<BegunRetry>;
  retryFailures(input: RecordsOfRun): Promise<RetryFailures>;
}

/** Activities of one worker. They share what they have read and opened. */
export function createActivities(dependencies: ActivityDependencies): SyngraphActivities {
  const { store, environment } = dependencies;
  const contextOf = createRunContexts(dependencies);
  const data = createBatchData(store);
  const sessions = new Map<string, StagingSession>();

  async function openSession(run: RunContext, signal: AbortSignal): Promise<StagingSession> {
    const { source, idColumn } = run.plan;
    const { seed, startIndex, retry, newOnly } = run.description;
    if (retry !== undefined) return createSession(groupsOf(stagedRetry(store, run.description)));
    if (source === null) throw new RangeError('a data-less run has nothing to read');
    const functions = await taskTransformFunctions(dependencies, run.plan);
    const identity = run.description.source === null ? {} : { identity: run.description.source };
    const batches = openBatches({ source, functions, environment, signal, seed, ...identity });
    const groups = sourceLines({ batches, store, idColumn, skip: startIndex });
    return createSession(newOnly === true ? groupsOf(withoutSeen(store, run.folder, linesOf(groups))) : groups);
  }

  /** The run that a retry belongs to. */
  async function retriedRunOf({ description }: RunContext): Promise<RunContext | null> {
    if (description.retry === undefined) return null;
    return contextOf(await referenceOf(store, { pipeline: description.reference.pipeline, run: description.retry.run }));
  }

  return {
    prepareRun: asActivity((input: PrepareRunInput, { signal }) => prepareRun(dependencies, input, signal)),
    stageRange: asActivity(async (input: StageRangeInput) => {
      const run = await contextOf(input.run);
      // Outlives this activity: the next range goes on where this one has stopped reading.
      return stageRange({ dependencies, run, input, sessions, openSession: () => openSession(run, new AbortController().signal) });
    }),
    runNode: asActivity(async (input: RunNodeInput, scope) => {
      const run = await contextOf(input.run);
      const node = run.plan.nodes[input.node]?.name ?? String(input.node);
      dependencies.meter?.nodeStarted?.({ node });
      const result = await run.steering.during(() => runNode({ dependencies, run, data, input, attempt: attemptName(), ...scope }));
      dependencies.meter?.nodeDone({ pipeline: input.run.pipeline, node, statistics: result.statistics });
      return result;
    }),
    finishBatch: asActivity(async (input: FinishBatchInput) => {
      const finished = await finishBatch({ dependencies, run: await contextOf(input.run), data, input, attempt: attemptName() });
      dependencies.meter?.batchDone({ pipeline: input.run.pipeline, counts: finished.counts, failures: finished.failed });
      return finished;
    }),
    closeRange: asActivity(async (input: CloseRangeInput) => closeRange(dependencies, await contextOf(input.run), input)),
    mergeRun: asActivity(async (input: MergeInput, { signal }) => {
      const run = await contextOf(input.run);
      const original = await retriedRunOf(run);
      const merging = { dependencies, run, input, signal };
      return original === null ? mergeRun(merging) : mergeRetry({ ...merging, original });
    }),
    indexJournal: asActivity(async ({ run }: { run: RunReference }) => {
      const { description } = await contextOf(run);
      await indexRun({ store, run, seed: description.seed, complete: true });
    }),
    parkBatch: asActivity(async (input: ParkBatchInput) => parkBatch(store, await contextOf(input.run), input)),
    loadParked: asActivity(async (input: LoadParkedInput) => loadParked(store, await contextOf(input.run), input)),
    decideSet: asActivity(async (input: DecideSetInput, { signal, assertHeld }) => {
      const run = await contextOf(input.run);
      return run.steering.during(() => {
        const hold = run.steering.hold(input.epoch ?? 0);
        return decideWaiting({ dependencies, run, data, input, assertHeld, signal: AbortSignal.any([signal, hold]) });
      });
    }),
    controlRun: asActivity(async (input: ControlRunInput) => controlRun(dependencies, await contextOf(input.run), input)),
    advanceProviderBatch: asActivity(async (input: ProviderBatchInput, scope) => {
      const run = await contextOf(input.run);
      return run.steering.during(() => advanceBatches({ dependencies, run, data, input, ...scope }));
    }),
    openReviews: asActivity(async (input: OpenReviewsInput) => openReviews({ store, run: await contextOf(input.run), data, input })),
    prepareQuality: asActivity(async (input: { run: RunReference }) => {
      const run = await contextOf(input.run);
      return prepareQuality(dependencies, run, await retriedRunOf(run));
    }),
    decideReview: asActivity(async ({ run, update }: { run: RunReference; update: ReviewUpdate }) => decideReview({ store, run: await contextOf(run), update })),
    salvageParked: asActivity(async (input: SalvageInput) =>
      salvageParked({ dependencies, run: await contextOf(input.run), data, input, attempt: attemptName() }),
    ),
    showFailure,
    requestRetry: asActivity(requestRetry),
    beginRetry: asActivity((input: RecordsOfRun) => beginRetry(store, input)),
    retryFailures: asActivity((input: RecordsOfRun) => retryFailures(store, input)),
  };
}

/** Sorts by attempt; the nonce tells two workers apart that both believe to hold the same attempt. */
function attemptName(): string {
  return `${String(Context.current().info.attempt).padStart(3, '0')}-${randomBytes(3).toString('hex')}`;
}
