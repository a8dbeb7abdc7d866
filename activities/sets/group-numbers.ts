import type { JsonObject } from '../../pipeline/json.ts';
import { DigestTable, textDigest } from './digest-table.ts';
import { fieldValue } from './field-value.ts';
import { GrowingArray } from './growing-array.ts';

/** Which group each record is in, from 0; without a field all are in one, and so are those that lack the field. */
export class GroupNumbers {
  readonly #field: string | null;
  readonly #table = new DigestTable();
  readonly #numbers = new GrowingArray(Int32Array);

  constructor(field: string | null) {
    this.#field = field;
  }

  add(state: JsonObject): number {
    const number = this.#table.add(textDigest(this.#field === null ? '' : JSON.stringify(fieldValue(state, this.#field))));
    this.#numbers.push(number);
    return number;
  }

  values(): Int32Array {
    return this.#numbers.values();
  }
}
