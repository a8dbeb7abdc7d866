import { ActivityCancellationType, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { SyngraphActivities } from '../activities/create-activities.ts';

/**
 * No schedule-to-close timeout: a laptop may sleep for two days. Death of a worker is noticed by
 * the heartbeat; what must not be repeated is declared non-retryable where it is thrown.
 * Cancellation waits for the activity, which hands over what it has finished.
 */
const common = {
  startToCloseTimeout: '24 hours',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
} as const;

export const beating = proxyActivities<SyngraphActivities>({ ...common, heartbeatTimeout: '15 seconds' });

/** Fails for good at the first failure: its purpose is to show the failure. */
export const showing = proxyActivities<SyngraphActivities>({
  startToCloseTimeout: '1 minute',
  retry: { maximumAttempts: 1 },
});

/**
 * Runs within the workflow task, without a task of its own at the server: for work of a few
 * milliseconds at the end of each batch, where a server round trip would be most of it.
 */
export const quick = proxyLocalActivities<SyngraphActivities>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '500 milliseconds', maximumInterval: '10 seconds' },
});
