import { SyngraphError } from '../../pipeline/errors.ts';

/** An image or sound of one record that cannot be used: the record fails alone. */
export function mediaError(what: string, problem: string, nextStep?: string): SyngraphError {
  const shown = what.length > 200 ? `${what.slice(0, 200)}…` : what;
  return new SyngraphError({ code: 'MEDIA_INVALID', message: `${shown}: ${problem}`, ...(nextStep === undefined ? {} : { nextStep }) });
}
