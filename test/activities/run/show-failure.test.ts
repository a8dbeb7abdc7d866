import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApplicationFailure } from '@temporalio/activity';
import { showFailure } from '../../../activities/run/show-failure.ts';

test('fails with the words of the record’s failure, and with no place in our code', async () => {
  const failed = { id: '17', ordinal: 17, node: 'judge', code: 'MODEL_REJECTED' as const, message: 'the answer is no JSON', attempts: 2, state: '{}', prompt: null, answer: null };
  await assert.rejects(showFailure({ run: { pipeline: 'quiz', run: 'night', planHash: 'f00d' }, failed }), (error) => {
    assert.ok(error instanceof ApplicationFailure);
    assert.equal(error.type, 'MODEL_REJECTED');
    assert.equal(error.message, 'judge: the answer is no JSON (2 attempts)');
    assert.equal(error.nonRetryable, true);
    assert.equal(error.stack, '');
    return true;
  });
});
