import { SyngraphError } from '../../pipeline/errors.ts';

/** What a failed file operation in the store means to the user. Errors that are already ours pass. */
export function storeError(error: unknown, folder: string): Error {
  if (error instanceof SyngraphError) return error;
  const code = (error as NodeJS.ErrnoException).code;
  if (isFull(error)) {
    return new SyngraphError({
      code: 'DISK_FULL',
      message: `No space left on the disk that holds the store ${folder}`,
      nextStep: 'Free some space and resume the run; what was finished is kept.',
      details: { folder },
      cause: error,
    });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new SyngraphError({
    code: 'STORE_INVALID',
    message: `The store ${folder} cannot be used: ${reason}`,
    nextStep: 'Check that the folder exists, that it is a folder, and that you may write to it.',
    details: { folder, errno: code ?? null },
    cause: error,
  });
}

export function isFull(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
