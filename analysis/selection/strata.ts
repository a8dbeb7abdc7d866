import { SyngraphError } from '../../pipeline/errors.ts';

/** More than this are no strata, but ids or texts. */
const MOST_STRATA = 10_000;

/** Numbers for the values of a field, in order of appearance. */
export class Strata {
  readonly #field: string;
  readonly #numbers = new Map<string | null, number>();

  constructor(field: string) {
    this.#field = field;
  }

  /** @throws SyngraphError USAGE for more than 10,000 values */
  numberOf(value: string | null): number {
    let number = this.#numbers.get(value);
    if (number !== undefined) return number;
    number = this.#numbers.size;
    if (number >= MOST_STRATA) {
      throw new SyngraphError({
        code: 'USAGE',
        message: `${this.#field} has more than ${MOST_STRATA.toLocaleString('en-US')} different values, too many to take a share of each`,
        nextStep: 'Stratify by a field with few values, such as category or difficulty.',
      });
    }
    this.#numbers.set(value, number);
    return number;
  }

  /** In the order of their numbers. */
  names(): (string | null)[] {
    return [...this.#numbers.keys()];
  }
}
