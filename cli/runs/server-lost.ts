import { SyngraphError } from '../../pipeline/errors.ts';

/** Of gRPC: the deadline is over, or nobody answers. */
const LOST_CODES = [4, 14];
const MOST_CAUSES = 10;

/** What gRPC says when the Temporal server has gone, as an error of ours; null: the error is another one. */
export function serverLost(error: unknown): SyngraphError | null {
  let inner: unknown = error;
  for (let depth = 0; depth < MOST_CAUSES && inner instanceof Error; depth += 1) {
    const { code, details } = inner as { code?: unknown; details?: unknown };
    if (typeof code === 'number' && LOST_CODES.includes(code) && typeof details === 'string') {
      const reason = /\b(?:connect )?E[A-Z]{4,}(?: [\w.:-]+)?/.exec(details)?.[0];
      return new SyngraphError({
        code: 'SERVER_UNAVAILABLE',
        message: `the Temporal server does not answer any more${reason === undefined ? '' : ` (${reason})`}; what is finished is kept`,
        nextStep: 'Start the server again if it is yours (one of ours comes back with the next command), and go on with syngraph run TASK --resume.',
        cause: error,
      });
    }
    inner = inner.cause;
  }
  return null;
}
