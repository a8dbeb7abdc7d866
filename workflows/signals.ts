import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { WalkTable } from '../pipeline/plan.ts';
import type { ControlChange, PauseReport, PauseRequest, ResetRecord, RetryOutcome, ReviewUpdate, RunControl, RunProgress } from '../pipeline/run-contract.ts';
import type { RecordCounts } from '../pipeline/run-statistics.ts';

/** A batch has met something that only a human can mend, and waits. */
export const haltSignal = defineSignal<[PauseReport]>('halt');

/** The cause is mended: everything that waits goes on. Carries the new epoch on its way down. */
export const proceedSignal = defineSignal<[number?]>('proceed');

/** Pauses the run: calls in flight come back, and no new ones start until `proceed`. The update of this name answers, too. */
export const pauseSignal = defineSignal<[PauseRequest?]>('pause');
export const pauseUpdate = defineUpdate<RunProgress, [PauseRequest | undefined]>('pause');

/** As `proceed`, with an answer. */
export const resumeUpdate = defineUpdate<RunProgress>('resume');

/** Changes limits and caps of the run while it goes. */
export const setUpdate = defineUpdate<RunControl, [ControlChange]>('set');

/** From a run to its ranges: start no further batches. */
export const drainSignal = defineSignal('drain');

/** From a range to its run: how far it is, and whether the next range may start. */
export const rangeProgressSignal = defineSignal<[RangeProgress]>('rangeProgress');

export interface RangeProgress {
  range: number;
  counts: RecordCounts;
  open: number;
  closed: number;
  /** The last batch has been started: there is room for the next range. */
  draining: boolean;
}

/** From whoever reviews: so many records of a node have been decided; the decisions are in the store. */
export const reviewedSignal = defineSignal<[{ node: string; decided: number }]>('reviewed');

/** A decision on one record, for those who have Temporal's UI or CLI only; the record must wait. */
export const reviewUpdate = defineUpdate<void, [ReviewUpdate]>('review');

/** To a run's `merge` workflow: a failed record was reset in Temporal and is to be tried again. */
export const resetSignal = defineSignal<[ResetRecord]>('recordReset');

/** From there to the record's workflow: what has become of it. */
export const retriedSignal = defineSignal<[RetryOutcome]>('retried');

export const progressQuery = defineQuery<RunProgress>('progress');
export const planQuery = defineQuery<{ planHash: string; walk: WalkTable } | null>('plan');
