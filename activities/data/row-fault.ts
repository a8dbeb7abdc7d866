import { SyngraphError } from '../../pipeline/errors.ts';
import type { SourceRow } from './record-source.ts';

/** What a reader or transformation does with a row that cannot be used: `SourcePlan.onBadRecord`. */
export type BadRecordPolicy = 'stop' | 'skip';

export interface RowFault {
  policy: BadRecordPolicy;
  message: string;
  /** `file:line`, or the file and the row's number where there are no lines. Counted from 1. */
  location: string;
  cause?: unknown;
}

/**
 * The bad row to hand on where the policy is `skip`.
 * @throws SyngraphError SOURCE_INVALID where the policy is `stop`
 */
export function rowFault(fault: RowFault): SourceRow {
  if (fault.policy === 'skip') return { ok: false, message: fault.message, location: fault.location };
  throw new SyngraphError({
    code: 'SOURCE_INVALID',
    message: `${fault.location}: ${fault.message}`,
    nextStep:
      'Mend the row, or set `on_bad_record: skip` on the source to fail such rows alone and go on with the others.',
    details: { location: fault.location },
    cause: fault.cause,
  });
}

/** A short, single-line piece of a row's text for messages. */
export function excerpt(text: string): string {
  const flat = text.slice(0, 120).replace(/\s+/g, ' ').trim();
  return text.length > 120 ? `${flat}…` : flat;
}
