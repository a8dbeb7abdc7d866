import { SyngraphError, type SyngraphErrorCode } from '../../pipeline/errors.ts';
import { serverLost } from './server-lost.ts';

interface ApplicationFailureLike {
  type?: unknown;
  details?: unknown;
  message: string;
}

/**
 * The error behind a workflow that has failed: Temporal wraps what was thrown in one failure per
 * level. The innermost says what happened.
 */
export function workflowFailure(error: unknown): Error {
  const lost = serverLost(error);
  if (lost !== null) return lost;
  let innermost: unknown = error;
  for (let depth = 0; depth < 10; depth += 1) {
    const cause = (innermost as { cause?: unknown }).cause;
    if (!(cause instanceof Error)) break;
    innermost = cause;
    if (codeOf(innermost as Error) !== null) break;
  }
  if (!(innermost instanceof Error)) return new Error(String(innermost));
  const code = codeOf(innermost);
  if (code === null) return innermost;
  const details: unknown = (innermost as unknown as ApplicationFailureLike).details;
  const first = Array.isArray(details) ? (details[0] as { nextStep?: unknown } | undefined) : undefined;
  const nextStep = typeof first?.nextStep === 'string' ? { nextStep: first.nextStep } : {};
  return new SyngraphError({ code, message: innermost.message, ...nextStep, cause: error });
}

/** Activities throw our errors as application failures whose type is the code. */
function codeOf(error: Error): SyngraphErrorCode | null {
  const { type } = error as unknown as ApplicationFailureLike;
  return typeof type === 'string' && /^[A-Z]+(_[A-Z]+)*$/.test(type) ? (type as SyngraphErrorCode) : null;
}
