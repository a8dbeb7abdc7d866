import { InvalidArgumentError } from 'commander';
import { SyngraphError } from '../../pipeline/errors.ts';
import { parseDeadline, parseDuration } from '../../pipeline/parse-deadline.ts';

/** For commander: a whole number that is at least `minimum`. */
export function wholeNumber(minimum: number, maximum = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= minimum && value <= maximum) return value;
    const upper = maximum === Number.MAX_SAFE_INTEGER ? '' : ` and at most ${maximum}`;
    throw new InvalidArgumentError(`A whole number of at least ${minimum}${upper} is wanted.`);
  };
}

/** For commander: a number from 0 to 1. */
export function share(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('A number from 0 to 1 is wanted.');
}

/** For commander: True or False as SyGra has them, in any case. */
export function truth(text: string): boolean {
  const value = text.toLowerCase();
  if (value === 'true' || value === 'false') return value === 'true';
  throw new InvalidArgumentError('True or False is wanted.');
}

/** For commander: an amount of dollars above 0. */
export function dollars(text: string): number {
  const value = /^\$?\d+(\.\d+)?$/.test(text) ? Number(text.replace('$', '')) : Number.NaN;
  if (value > 0) return value;
  throw new InvalidArgumentError('An amount of dollars above 0 is wanted, e.g. 20 or 0.5.');
}

/** What takes a limit away; commander makes '' of null. */
export const NONE = 'none';

/** For commander: as `parse` reads it, or `none`. */
export function orNone<Value>(parse: (text: string) => Value): (text: string) => Value | typeof NONE {
  return (text) => (text.toLowerCase() === NONE ? NONE : parse(text));
}

/** Limits that were given, with null for those that are to be taken away. */
export function givenLimits<Limits extends object>(limits: Limits): { [Key in keyof Limits]?: Exclude<Limits[Key], typeof NONE | undefined> | null } {
  const entries = Object.entries(limits).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([key, value]) => [key, value === NONE ? null : (value as unknown)])) as ReturnType<typeof givenLimits<Limits>>;
}

/** For commander: milliseconds of a duration. */
export function duration(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds !== null) return milliseconds;
  throw new InvalidArgumentError('A duration is wanted, e.g. 12h, 30d or 1d12h.');
}

/** For commander: a duration as it is, since it begins with the run; or a time, as ISO 8601, read where the user is. */
export function deadline(text: string): string {
  try {
    if (parseDuration(text) !== null) return text;
    const at = parseDeadline(text, Date.now());
    if (Date.parse(at) > Date.now()) return at;
    throw new SyngraphError({ code: 'USAGE', message: `${at} is past`, nextStep: `It is past: ${at}. Give a later time, or a duration such as 6h.` });
  } catch (error) {
    throw new InvalidArgumentError(error instanceof SyngraphError ? `${error.nextStep ?? error.message}` : String(error));
  }
}
