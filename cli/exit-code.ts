import { SyngraphError, type SyngraphErrorCode } from '../pipeline/errors.ts';

/** What only the user can mend: the task, the flags, the data. */
const USAGE_CODES: ReadonlySet<SyngraphErrorCode> = new Set([
  'PIPELINE_INVALID',
  'USAGE',
  'TASK_NOT_FOUND',
  'TASK_NOT_ALLOWED',
  'MODELS_INVALID',
  'RUN_EXISTS',
  'RUN_NOT_FOUND',
  'RUN_CHANGED',
  'SOURCE_NOT_FOUND',
  'SOURCE_INVALID',
]);

/** 2 for a mistake in what was written or typed, else 1: whether it is found before a run or by it. */
export function exitCodeOfError(error: unknown): 1 | 2 {
  return error instanceof SyngraphError && USAGE_CODES.has(error.code) ? 2 : 1;
}
