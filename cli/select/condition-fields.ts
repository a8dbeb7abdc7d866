import { isJsonObject, type JsonObject } from '../../pipeline/json.ts';
import { valueAtPath } from '../../pipeline/matches-where.ts';
import { nearestName } from '../../pipeline/nearest-name.ts';
import type { WhereExpression } from '../../pipeline/where-expression.ts';

/** Records whose fields are remembered for suggestions, and how many of them. */
const RECORDS_LISTED = 20;
const MOST_NAMES = 1_000;
const MOST_DEPTH = 5;

/** A field of a condition that no record has. */
export interface UnknownField {
  field: string;
  /** The field that was most likely meant. */
  nearest: string | null;
}

/** Which fields of a condition the records have: a misspelt one would leave all of them out without a word. */
export class ConditionFields {
  #pending: string[][];
  readonly #names = new Set<string>();
  #listed = 0;

  constructor(where: WhereExpression | null) {
    this.#pending = where === null ? [] : pathsOf(where);
  }

  /** @param view a record as conditions see it */
  see(view: JsonObject): void {
    if (this.#pending.length === 0) return;
    this.#pending = this.#pending.filter((path) => valueAtPath(view, path) === undefined);
    if (this.#listed === RECORDS_LISTED) return;
    this.#listed += 1;
    this.#list(view, '', 1);
  }

  /** Those that none of the records had which were seen; none where there were no records. */
  unknown(): UnknownField[] {
    if (this.#listed === 0) return [];
    return [...new Set(this.#pending.map((path) => path.join('.')))].map((field) => ({ field, nearest: this.#nearestTo(field) }));
  }

  #list(object: JsonObject, prefix: string, depth: number): void {
    for (const [key, value] of Object.entries(object)) {
      if (this.#names.size === MOST_NAMES) return;
      this.#names.add(`${prefix}${key}`);
      if (isJsonObject(value) && depth < MOST_DEPTH) this.#list(value, `${prefix}${key}.`, depth + 1);
    }
  }

  /** The whole path may be misspelt, or be the end of a longer one. */
  #nearestTo(field: string): string | null {
    const end = [...this.#names].filter((name) => name.endsWith(`.${field}`)).sort((left, right) => left.length - right.length)[0];
    return end ?? nearestName(field, this.#names);
  }
}

/** `exists` asks whether a field is there, and so may name one that is not. */
function pathsOf(where: WhereExpression): string[][] {
  if ('part' in where) return pathsOf(where.part);
  if ('parts' in where) return where.parts.flatMap(pathsOf);
  return where.kind === 'exists' ? [] : [where.path];
}
