import type { ScheduleOverlapPolicy } from '@temporalio/client';

/** What becomes of a run that is due while the one before is still going. */
export const OVERLAP_POLICIES = {
  skip: 'SKIP',
  'buffer-one': 'BUFFER_ONE',
  'buffer-all': 'BUFFER_ALL',
  'cancel-other': 'CANCEL_OTHER',
  'allow-all': 'ALLOW_ALL',
} as const satisfies Record<string, ScheduleOverlapPolicy>;

export type OverlapName = keyof typeof OVERLAP_POLICIES;

/**
 * Runs that were due while no server was there are made up for if they are not older than this.
 * Temporal's own default is a year, which would run a year of nights at once.
 */
export const DEFAULT_CATCH_UP = '1h';
