const MAXIMUM_DEPTH = 100;

const LITERALS: Record<string, string> = { true: 'true', false: 'false', null: 'null', True: 'true', False: 'false', None: 'null' };
const SHORT_ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '\n': '' };

/** A value written as JSON or nearly so: as strict JSON, and where it ends. */
export interface LenientJson {
  strict: string;
  /** Exclusive. */
  end: number;
}

/**
 * Reads the value that begins at `start`: JSON, with trailing commas, single quotes, keys without
 * quotes, line breaks in texts, comments, and the literals of Python. Nothing is guessed: whatever
 * is missing, be it a comma, a quote or an end, makes it null, since a library that mends those was
 * seen to change what the values say.
 */
export function readLenientJson(text: string, start: number): LenientJson | null {
  const reader = new LenientReader(text, start);
  const strict = reader.value(0);
  return strict === null ? null : { strict, end: reader.at };
}

class LenientReader {
  at: number;
  readonly #text: string;

  constructor(text: string, start: number) {
    this.#text = text;
    this.at = start;
  }

  /** null: not a value. */
  value(depth: number): string | null {
    this.#skipBlank();
    const character = this.#text[this.at] ?? '';
    if (character === '{') return this.#sequence(depth, '}', () => this.#member(depth));
    if (character === '[') return this.#sequence(depth, ']', () => this.value(depth + 1));
    if (character === '"' || character === "'") return this.#string(character);
    const number = this.#match(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y);
    if (number !== null) return number;
    const word = this.#match(/[A-Za-z]+(?!\w)/y);
    return word !== null && Object.hasOwn(LITERALS, word) ? (LITERALS[word] ?? null) : null;
  }

  #sequence(depth: number, close: string, read: () => string | null): string | null {
    if (depth >= MAXIMUM_DEPTH) return null;
    const open = this.#text[this.at] ?? '';
    this.at += 1;
    const items: string[] = [];
    for (;;) {
      if (this.#take(close)) return `${open}${items.join(',')}${close}`;
      if (items.length > 0 && !this.#take(',')) return null;
      if (items.length > 0 && this.#take(close)) return `${open}${items.join(',')}${close}`;
      const item = read();
      if (item === null) return null;
      items.push(item);
    }
  }

  #member(depth: number): string | null {
    this.#skipBlank();
    const quote = this.#text[this.at] ?? '';
    const word = quote === '"' || quote === "'" ? null : this.#match(/[A-Za-z_$][\w$-]*/y);
    const key = word === null ? (quote === '"' || quote === "'" ? this.#string(quote) : null) : JSON.stringify(word);
    if (key === null || !this.#take(':')) return null;
    const value = this.value(depth + 1);
    return value === null ? null : `${key}:${value}`;
  }

  #string(quote: string): string | null {
    let content = '';
    for (let at = this.at + 1; at < this.#text.length; at += 1) {
      const character = this.#text[at] ?? '';
      if (character === quote) {
        this.at = at + 1;
        return JSON.stringify(content);
      }
      if (character !== '\\') {
        content += character;
        continue;
      }
      const escaped = /u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|U([0-9a-fA-F]{8})|[^uxU]/suy;
      escaped.lastIndex = at + 1;
      const found = escaped.exec(this.#text);
      if (found === null) return null;
      const code = found[1] ?? found[2] ?? found[3];
      if (code !== undefined && Number.parseInt(code, 16) > 0x10ffff) return null;
      if (code === undefined) content += SHORT_ESCAPES[found[0]] ?? found[0];
      else content += found[3] === undefined ? String.fromCharCode(Number.parseInt(code, 16)) : String.fromCodePoint(Number.parseInt(code, 16));
      at += found[0].length;
    }
    return null;
  }

  #take(character: string): boolean {
    this.#skipBlank();
    if (this.#text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  #skipBlank(): void {
    this.#match(/(?:\s|\/\/[^\n]*|\/\*(?:[^*]|\*(?!\/))*\*\/)*/y);
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.#text)?.[0] ?? null;
    this.at += found?.length ?? 0;
    return found;
  }
}
