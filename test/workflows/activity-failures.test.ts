import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ActivityFailure, ApplicationFailure, RetryState } from '@temporalio/common';
import { PAUSE_FAILURE, type PauseCause } from '../../pipeline/run-contract.ts';
import { failureTypeOf, pauseCauseOf } from '../../workflows/activity-failures.ts';

const CAUSE: PauseCause = { code: 'DISK_FULL', message: 'No space left', nextStep: null, node: null };
const asked = ApplicationFailure.create({ message: CAUSE.message, type: PAUSE_FAILURE, nonRetryable: true, details: [CAUSE] });
const wrapped = (cause: Error): ActivityFailure => new ActivityFailure('Activity task failed', 'finishBatch', '1', RetryState.NON_RETRYABLE_FAILURE, 'worker', cause);

test('a pause is heard from an activity, and from a local one, whose failure comes as it is', () => {
  assert.deepEqual(pauseCauseOf(wrapped(asked)), CAUSE);
  assert.deepEqual(pauseCauseOf(asked), CAUSE);
});

test('other failures ask for no pause', () => {
  const other = ApplicationFailure.create({ message: 'gone', type: 'WorkerShutdown' });
  for (const error of [other, wrapped(other), wrapped(new Error('no')), new Error('no'), null]) assert.equal(pauseCauseOf(error), null);
  assert.deepEqual([failureTypeOf(wrapped(other)), failureTypeOf(other), failureTypeOf(new Error('no'))], ['WorkerShutdown', 'WorkerShutdown', null]);
});
