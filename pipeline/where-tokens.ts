import type { JsonPrimitive } from './json.ts';

export interface WhereProblem {
  /** UTF-16 units from the beginning of the text. */
  offset: number;
  length: number;
  message: string;
}

export interface WhereToken {
  /** `word` is a keyword: it is a name only after a dot. */
  kind: 'name' | 'word' | 'text' | 'number' | 'symbol';
  text: string;
  offset: number;
  length: number;
  /** Set where the token is a value. */
  value?: JsonPrimitive;
}

const KEYWORDS = ['and', 'or', 'not', 'in', 'exists'];
/** Python's spellings too: the format comes from there. */
const CONSTANTS: Record<string, JsonPrimitive> = { true: true, True: true, false: false, False: false, null: null, None: null };
const BLANKS = /\s+/y;
const NAME = /[\p{L}_$][\p{L}\p{M}\p{N}_$-]*/uy;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SYMBOL = /==|!=|<=|>=|<|>|\(|\)|\[|\]|,|\./y;
/** What people write who come from another language. */
const FOREIGN: Record<string, string> = { '&': 'and', '|': 'or', '!': 'not', '=': '==' };

/** Splits a condition; stops at the first thing that belongs to none. */
export function readWhereTokens(text: string): { tokens: WhereToken[]; problem: WhereProblem | null } {
  const tokens: WhereToken[] = [];
  let offset = 0;
  const match = (expression: RegExp): string | null => {
    expression.lastIndex = offset;
    return expression.exec(text)?.[0] ?? null;
  };
  for (;;) {
    offset += match(BLANKS)?.length ?? 0;
    if (offset >= text.length) return { tokens, problem: null };
    const character = text[offset]!;
    if (character === '"' || character === "'") {
      const read = readText(text, offset);
      if ('message' in read) return { tokens, problem: read };
      tokens.push(read);
      offset += read.length;
      continue;
    }
    // After a dot digits are a position: `turns.0.role` has no number 0.
    const isPosition = tokens.at(-1)?.text === '.' && tokens.at(-1)?.kind === 'symbol';
    const number = isPosition ? (/^\d+/.exec(text.slice(offset))?.[0] ?? null) : match(NUMBER);
    const found = number ?? match(NAME) ?? match(SYMBOL);
    if (found === null) return { tokens, problem: { offset, length: 1, message: foreign(character) } };
    tokens.push(tokenOf(found, offset, number !== null));
    offset += found.length;
  }
}

function tokenOf(text: string, offset: number, isNumber: boolean): WhereToken {
  const place = { text, offset, length: text.length };
  if (isNumber) return { kind: 'number', ...place, value: Number(text) };
  if (!/^[\p{L}_$]/u.test(text)) return { kind: 'symbol', ...place };
  const word = text.toLowerCase();
  if (KEYWORDS.includes(word)) return { kind: 'word', ...place, text: word };
  return Object.hasOwn(CONSTANTS, text) ? { kind: 'word', ...place, value: CONSTANTS[text]! } : { kind: 'name', ...place };
}

/** Quotes of either kind; a backslash takes the next character as it is. */
function readText(text: string, offset: number): WhereToken | WhereProblem {
  const quote = text[offset]!;
  let value = '';
  for (let at = offset + 1; at < text.length; at += 1) {
    const character = text[at]!;
    if (character === quote) return { kind: 'text', text: text.slice(offset, at + 1), offset, length: at + 1 - offset, value };
    if (character === '\\' && at + 1 < text.length) at += 1;
    value += text[at]!;
  }
  return { offset, length: 1, message: 'This quote is never closed' };
}

function foreign(character: string): string {
  const meant = FOREIGN[character];
  return meant === undefined ? `"${character}" has no meaning in a condition` : `Write "${meant}" instead of "${character}"`;
}
