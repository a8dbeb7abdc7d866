import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { WalkTable } from '../pipeline/plan.ts';
import type { PauseReport, ReviewUpdate, RunProgress } from '../pipeline/run-contract.ts';
import type { RecordCounts } from '../pipeline/run-statistics.ts';

/** A batch has met something that only a human can mend, and waits. */
export const haltSignal = defineSignal<[PauseReport]>('halt');

/** The cause is mended: everything that waits goes on. Carries the new epoch on its way down. */
export const proceedSignal = defineSignal<[number?]>('proceed');

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

export const progressQuery = defineQuery<RunProgress>('progress');
export const planQuery = defineQuery<{ planHash: string; walk: WalkTable } | null>('plan');
