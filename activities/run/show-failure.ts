import { ApplicationFailure } from '@temporalio/activity';
import type { RecordInput } from '../../pipeline/run-contract.ts';

/** Throws what a record has failed with, so that its workflow shows as failed with that error. */
export function showFailure({ failed }: RecordInput): Promise<void> {
  const { node, code, message, attempts } = failed;
  const failure = ApplicationFailure.nonRetryable(`${node}: ${message} (${attempts} ${attempts === 1 ? 'attempt' : 'attempts'})`, code);
  // It would show where this line is, not what went wrong with the record.
  failure.stack = '';
  return Promise.reject(failure);
}
