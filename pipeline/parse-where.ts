import type { JsonPrimitive } from './json.ts';
import { readWhereTokens, type WhereProblem, type WhereToken } from './where-tokens.ts';
import type { WhereExpression } from './where-expression.ts';

export type { WhereProblem } from './where-tokens.ts';

export interface ParsedWhere {
  /** null where the text is no condition. */
  expression: WhereExpression | null;
  problem: WhereProblem | null;
}

/** More than anybody writes; bounds the work of the compiler and of every record. */
export const MAX_WHERE_CHARACTERS = 2_000;
const MAX_DEPTH = 32;
const MAX_LIST_VALUES = 500;

type Operator = Extract<WhereExpression, { kind: 'compare' }>['operator'];
const OPERATORS: readonly string[] = ['==', '!=', '<', '<=', '>', '>='] satisfies Operator[];
const ORDERED: readonly string[] = ['<', '<=', '>', '>='];

/**
 * Reads a condition over a state. From the loosest binding to the tightest: `or`, `and`, `not`, then
 * `path == value` (also `!=`, `<`, `<=`, `>`, `>=`), `path in [value, …]`, `path not in […]`,
 * `exists path`, a path alone (which means `== true`), and brackets. A path is `judge.score`,
 * `turns[0].role` or `["alias->column"].name`; a value is a text in quotes, a number, true, false, null.
 * Never throws, whatever the text is; the first problem is reported with its place.
 */
export function parseWhere(text: string): ParsedWhere {
  if (text.length > MAX_WHERE_CHARACTERS) {
    const message = `A condition has at most ${MAX_WHERE_CHARACTERS} characters, this one has ${text.length}`;
    return { expression: null, problem: { offset: 0, length: text.length, message } };
  }
  const { tokens, problem } = readWhereTokens(text);
  if (problem !== null) return { expression: null, problem };
  try {
    return { expression: new WhereParser(tokens, text.length).parse(), problem: null };
  } catch (error) {
    if (!(error instanceof Misread)) throw error;
    return { expression: null, problem: error.problem };
  }
}

class Misread extends Error {
  readonly problem: WhereProblem;

  constructor(problem: WhereProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

class WhereParser {
  readonly #tokens: readonly WhereToken[];
  readonly #end: number;
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly WhereToken[], end: number) {
    this.#tokens = tokens;
    this.#end = end;
  }

  parse(): WhereExpression {
    const expression = this.#chain('or');
    const rest = this.#tokens[this.#next];
    if (rest !== undefined) this.#fail(rest, `"${rest.text}" is not expected here; conditions are joined by "and" or "or"`);
    return expression;
  }

  #chain(kind: 'or' | 'and'): WhereExpression {
    const operand = (): WhereExpression => (kind === 'or' ? this.#chain('and') : this.#negation());
    const first = operand();
    const parts = [first];
    while (this.#takes('word', kind)) parts.push(operand());
    return parts.length === 1 ? first : { kind, parts };
  }

  #negation(): WhereExpression {
    const token = this.#peek();
    if (!this.#takes('word', 'not')) return this.#condition();
    return this.#deeper(token, () => ({ kind: 'not', part: this.#negation() }));
  }

  #condition(): WhereExpression {
    const token = this.#peek();
    if (this.#takes('symbol', '(')) {
      return this.#deeper(token, () => {
        const inner = this.#chain('or');
        this.#expect(')', 'This bracket is never closed', token);
        return inner;
      });
    }
    if (this.#takes('word', 'exists')) return { kind: 'exists', path: this.#path() };
    const path = this.#path();
    if (this.#takes('word', 'in')) return this.#membership(path);
    if (this.#takes('word', 'not')) {
      const after = this.#peek();
      if (!this.#takes('word', 'in')) this.#fail(after, 'After a path, "not" is followed by "in"');
      return { kind: 'not', part: this.#membership(path) };
    }
    const operator = this.#peek();
    if (operator?.kind !== 'symbol' || !OPERATORS.includes(operator.text)) return { kind: 'compare', path, operator: '==', value: true };
    this.#next += 1;
    const at = this.#peek();
    const value = this.#value();
    if (ORDERED.includes(operator.text) && typeof value !== 'number' && typeof value !== 'string') {
      this.#fail(at, `"${operator.text}" compares with a number or a text`);
    }
    return { kind: 'compare', path, operator: operator.text as Operator, value };
  }

  #membership(path: string[]): WhereExpression {
    const opening = this.#peek();
    this.#expect('[', '"in" is followed by a list such as ["en", "de"]', opening);
    const values: JsonPrimitive[] = [];
    while (!this.#takes('symbol', ']')) {
      if (values.length > 0) this.#expect(',', 'Values of a list are separated by commas', this.#peek());
      if (values.length === MAX_LIST_VALUES) this.#fail(this.#peek(), `A list has at most ${MAX_LIST_VALUES} values`);
      values.push(this.#value());
    }
    return { kind: 'in', path, values };
  }

  #path(): string[] {
    const first = this.#peek();
    const path: string[] = [];
    if (first?.kind === 'name') {
      path.push(first.text);
      this.#next += 1;
    } else if (first?.kind !== 'symbol' || first.text !== '[') this.#fail(first, this.#wantedPath(first));
    for (;;) {
      const token = this.#peek();
      if (this.#takes('symbol', '.')) path.push(this.#step(token));
      else if (this.#takes('symbol', '[')) {
        path.push(this.#step(token, ['text', 'number']));
        this.#expect(']', 'This bracket is never closed', token);
      } else return path;
    }
  }

  /** After a dot keywords are names too, and numbers positions. */
  #step(opening: WhereToken | undefined, kinds: WhereToken['kind'][] = ['name', 'word', 'number']): string {
    const token = this.#peek();
    const isPosition = token?.kind !== 'number' || /^\d+$/.test(token.text);
    if (token === undefined || !kinds.includes(token.kind) || !isPosition) {
      this.#fail(token ?? opening, kinds.includes('text') ? 'Between brackets stands a position from 0 or a name in quotes' : 'A dot is followed by a name');
    }
    this.#next += 1;
    return token.kind === 'text' ? String(token.value) : token.text;
  }

  #wantedPath(token: WhereToken | undefined): string {
    if (token?.kind === 'text' || token?.kind === 'number') return 'The path stands on the left and the value on the right, as in score >= 4';
    return token === undefined ? 'Here the name of a state key is missing' : `Here the name of a state key is wanted, not "${token.text}"`;
  }

  #value(): JsonPrimitive {
    const token = this.#peek();
    if (token?.value === undefined) this.#fail(token, 'Here a value is wanted: a text in quotes, a number, true, false or null');
    this.#next += 1;
    return token.value;
  }

  #deeper(token: WhereToken | undefined, read: () => WhereExpression): WhereExpression {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) this.#fail(token, `Conditions are nested at most ${MAX_DEPTH} deep`);
    const expression = read();
    this.#depth -= 1;
    return expression;
  }

  #peek(): WhereToken | undefined {
    return this.#tokens[this.#next];
  }

  #takes(kind: WhereToken['kind'], text: string): boolean {
    const token = this.#peek();
    if (token?.kind !== kind || token.text !== text) return false;
    this.#next += 1;
    return true;
  }

  #expect(symbol: string, message: string, at: WhereToken | undefined): void {
    if (!this.#takes('symbol', symbol)) this.#fail(at, message);
  }

  #fail(token: WhereToken | undefined, message: string): never {
    throw new Misread({ offset: token?.offset ?? this.#end, length: token?.length ?? 1, message });
  }
}
