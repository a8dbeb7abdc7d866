import type { SchemaType } from './schema-plan.ts';

export type ParsedSchemaType = { ok: true; type: SchemaType } | { ok: false; message: string; offset: number };

/** Names that a type may begin with. */
export const SCHEMA_TYPE_NAMES = [
  'str',
  'int',
  'float',
  'bool',
  'none',
  'any',
  'list',
  'dict',
  'tuple',
  'set',
  'union',
  'optional',
];

const SYNONYMS: Record<string, string> = {
  string: 'str',
  integer: 'int',
  number: 'float',
  boolean: 'bool',
  null: 'none',
  nonetype: 'none',
  object: 'dict',
  array: 'list',
};
const MAX_DEPTH = 32;

/**
 * A Python-style type: `str`, `list[dict[str, any]]`, `tuple[int, str]`, `optional[int]`,
 * `str | none`; upper and lower case mean the same. `list`, `dict`, `set` alone hold anything.
 */
export function parseSchemaType(text: string): ParsedSchemaType {
  const parser = new SchemaTypeParser(text);
  try {
    return { ok: true, type: parser.parseWhole() };
  } catch (error) {
    if (error instanceof TypeSyntaxError) return { ok: false, message: error.message, offset: error.offset };
    throw error;
  }
}

/** Back to text; `parseSchemaType` reads it back as the same type. */
export function formatSchemaType(type: SchemaType): string {
  switch (type.kind) {
    case 'list':
    case 'set':
      return `${type.kind}[${formatSchemaType(type.item)}]`;
    case 'tuple':
      return `tuple[${type.items.map(formatSchemaType).join(', ')}]`;
    case 'dict':
      return `dict[${formatSchemaType(type.key)}, ${formatSchemaType(type.value)}]`;
    case 'union':
      return `union[${type.options.map(formatSchemaType).join(', ')}]`;
    default:
      return type.kind;
  }
}

/** Ends the descent of the parser; never leaves this file. */
class TypeSyntaxError extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

class SchemaTypeParser {
  readonly #text: string;
  #offset = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parseWhole(): SchemaType {
    const type = this.#parseUnion();
    if (this.#offset < this.#text.length)
      throw this.#error(`"${this.#text.slice(this.#offset, this.#offset + 20)}" is too much here`);
    return type;
  }

  #parseUnion(): SchemaType {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw this.#error(`Types may be nested ${MAX_DEPTH} deep`);
    const options = [this.#parseOne()];
    while (this.#take('|')) options.push(this.#parseOne());
    this.#depth -= 1;
    return options.length === 1 ? options[0]! : { kind: 'union', options };
  }

  #parseOne(): SchemaType {
    this.#skipBlanks();
    const start = this.#offset;
    const word = /^[A-Za-z_.]+/.exec(this.#text.slice(start))?.[0] ?? '';
    this.#offset += word.length;
    const plain = word.toLowerCase().replace(/^typing\./, '');
    const name = Object.hasOwn(SYNONYMS, plain) ? SYNONYMS[plain]! : plain;
    const builder = Object.hasOwn(BUILDERS, name) ? BUILDERS[name] : undefined;
    if (builder === undefined)
      throw this.#error(word === '' ? 'A type is missing here' : `there is no type "${word}"`, start);
    const parameters = this.#parseParameters();
    const type = builder(parameters);
    if (type === null) throw this.#error(`${name} does not take ${parameters.length} types in brackets`, start);
    this.#skipBlanks();
    return type;
  }

  #parseParameters(): SchemaType[] {
    const parameters: SchemaType[] = [];
    if (!this.#take('[')) return parameters;
    if (this.#take(']')) throw this.#error('A type is missing in these brackets', this.#offset - 1);
    do parameters.push(this.#parseUnion());
    while (this.#take(','));
    if (!this.#take(']')) throw this.#error('A closing bracket is missing here');
    return parameters;
  }

  #take(character: string): boolean {
    this.#skipBlanks();
    if (this.#text[this.#offset] !== character) return false;
    this.#offset += 1;
    this.#skipBlanks();
    return true;
  }

  #skipBlanks(): void {
    while (this.#text[this.#offset] === ' ') this.#offset += 1;
  }

  #error(message: string, offset = this.#offset): TypeSyntaxError {
    return new TypeSyntaxError(message, offset);
  }
}

/** From type parameters to a type; null where their number is wrong. */
type TypeBuilder = (parameters: SchemaType[]) => SchemaType | null;

const ANY: SchemaType = { kind: 'any' };
const simple =
  (kind: 'str' | 'int' | 'float' | 'bool' | 'none' | 'any'): TypeBuilder =>
  (parameters) =>
    parameters.length === 0 ? { kind } : null;
const collection =
  (kind: 'list' | 'set'): TypeBuilder =>
  (parameters) =>
    parameters.length > 1 ? null : { kind, item: parameters[0] ?? ANY };

const BUILDERS: Record<string, TypeBuilder> = {
  str: simple('str'),
  int: simple('int'),
  float: simple('float'),
  bool: simple('bool'),
  none: simple('none'),
  any: simple('any'),
  list: collection('list'),
  set: collection('set'),
  // Python's bare `tuple` says nothing about its items, which a list of anything expresses.
  tuple: (parameters) => (parameters.length === 0 ? { kind: 'list', item: ANY } : { kind: 'tuple', items: parameters }),
  dict: (parameters) =>
    parameters.length === 0 || parameters.length === 2
      ? { kind: 'dict', key: parameters[0] ?? { kind: 'str' }, value: parameters[1] ?? ANY }
      : null,
  union: (parameters) => (parameters.length === 0 ? null : { kind: 'union', options: parameters }),
  optional: (parameters) =>
    parameters.length === 1 ? { kind: 'union', options: [parameters[0]!, { kind: 'none' }] } : null,
};
