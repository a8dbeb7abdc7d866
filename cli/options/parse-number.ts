import { InvalidArgumentError } from 'commander';

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
