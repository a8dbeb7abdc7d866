export interface ValueSource {
  /** A whole number from 0 to `count` - 1. */
  draw: (count: number) => number;
  /** Some text; `key` is the property that it is for. */
  text: (key: string) => string;
}

type Schema = Record<string, unknown>;

/** Deeper levels are left empty: a schema may contain itself. */
const DEEPEST = 8;
const LONGEST_LIST = 20;
const LONGEST_TEXT = 10_000;

/**
 * Makes up a value that fits a JSON Schema: types, properties, items, enum, const, anyOf, oneOf,
 * allOf, bounds, lengths, common formats and references into the schema itself. Patterns are not
 * read. Every property gets a value, so that optional ones are seen too.
 */
export function valueOfSchema(schema: unknown, source: ValueSource): unknown {
  return valueOf(schema, { root: schema, source, key: 'value', depth: 0 });
}

interface Place {
  root: unknown;
  source: ValueSource;
  key: string;
  depth: number;
}

function valueOf(given: unknown, place: Place): unknown {
  const schema = resolve(given, place.root);
  const { source } = place;
  if ('const' in schema) return schema.const;
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return schema.enum[source.draw(schema.enum.length)];
  for (const options of [schema.anyOf, schema.oneOf]) {
    if (!Array.isArray(options)) continue;
    const chosen: unknown = options.find((option) => resolve(option, place.root).type !== 'null') ?? options[0];
    return valueOf(withoutChoice(schema, chosen, place.root), place);
  }
  if (Array.isArray(schema.allOf)) {
    const { allOf, ...rest } = schema;
    return valueOf((allOf as unknown[]).reduce<Schema>((all, part) => merge(all, resolve(part, place.root)), rest), place);
  }
  switch (typeOf(schema)) {
    case 'object':
      return objectOf(schema, place);
    case 'array':
      return listOf(schema, place);
    case 'integer':
    case 'number':
      return numberOf(schema, source);
    case 'boolean':
      return source.draw(2) === 1;
    case 'null':
      return null;
    default:
      return textOf(schema, place);
  }
}

function typeOf(schema: Schema): unknown {
  const { type } = schema;
  if (Array.isArray(type)) return type.find((each) => each !== 'null') ?? 'null';
  if (type !== undefined) return type;
  if (schema.properties !== undefined) return 'object';
  return schema.items === undefined ? 'string' : 'array';
}

function objectOf(schema: Schema, place: Place): Schema {
  if (place.depth >= DEEPEST) return {};
  const entries = Object.entries(asSchema(schema.properties));
  if (entries.length === 0 && typeof schema.additionalProperties === 'object') entries.push(['key', schema.additionalProperties]);
  return Object.fromEntries(
    entries.map(([key, property]) => [key, valueOf(property, { ...place, key, depth: place.depth + 1 })]),
  );
}

function listOf(schema: Schema, place: Place): unknown[] {
  if (place.depth >= DEEPEST) return [];
  const deeper = { ...place, depth: place.depth + 1 };
  const fixed = Array.isArray(schema.prefixItems) ? (schema.prefixItems as unknown[]) : [];
  const smallest = numberIn(schema.minItems) ?? 0;
  const count = Math.min(Math.max(smallest, Math.min(2, numberIn(schema.maxItems) ?? 2)), LONGEST_LIST);
  if (fixed.length > 0) return fixed.map((item) => valueOf(item, deeper));
  return Array.from({ length: count }, () => valueOf(schema.items ?? {}, deeper));
}

function numberOf(schema: Schema, source: ValueSource): number {
  const step = numberIn(schema.multipleOf) ?? 1;
  const isWhole = typeOf(schema) === 'integer' || step !== 1;
  const low = numberIn(schema.minimum) ?? above(numberIn(schema.exclusiveMinimum), isWhole ? step : 0.001);
  const high = numberIn(schema.maximum) ?? above(numberIn(schema.exclusiveMaximum), isWhole ? -step : -0.001);
  const from = low ?? (high === undefined ? 1 : Math.min(1, high));
  const to = high ?? from + 4;
  if (!isWhole && to - from < 5) return Number((from + ((to - from) * source.draw(101)) / 100).toFixed(3));
  const first = Math.ceil(from / step);
  return (first + source.draw(Math.max(1, Math.min(Math.floor(to / step) - first + 1, 1000)))) * step;
}

function above(bound: number | undefined, distance: number): number | undefined {
  return bound === undefined ? undefined : bound + distance;
}

const DAY = 86_400_000;
const FIRST_DAY = Date.UTC(2024, 0, 1);

function textOf(schema: Schema, { source, key }: Place): string {
  const day = new Date(FIRST_DAY + source.draw(700) * DAY).toISOString();
  const hex = (length: number): string => Array.from({ length }, () => source.draw(16).toString(16)).join('');
  switch (schema.format) {
    case 'date-time':
      return day;
    case 'date':
      return day.slice(0, 10);
    case 'time':
      return '12:00:00Z';
    case 'email':
      return `someone${source.draw(1000)}@example.org`;
    case 'uri':
      return `https://example.org/${source.draw(1000)}`;
    case 'uuid':
      return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
  }
  const longest = Math.min(numberIn(schema.maxLength) ?? LONGEST_TEXT, LONGEST_TEXT);
  const shortest = Math.min(numberIn(schema.minLength) ?? 0, LONGEST_TEXT);
  return source.text(key).slice(0, longest).padEnd(shortest, 'x');
}

function resolve(given: unknown, root: unknown): Schema {
  let schema = asSchema(given);
  for (let hops = 0; hops < DEEPEST && typeof schema.$ref === 'string'; hops++) {
    const { $ref, ...rest } = schema;
    const target = $ref
      .split('/')
      .slice(1)
      .reduce<unknown>((value, step) => asSchema(value)[step.replaceAll('~1', '/').replaceAll('~0', '~')], root);
    schema = { ...asSchema(target), ...rest };
  }
  return schema;
}

function withoutChoice(schema: Schema, chosen: unknown, root: unknown): Schema {
  const { anyOf: _, oneOf: __, ...rest } = schema;
  return merge(rest, resolve(chosen, root));
}

function merge(first: Schema, second: Schema): Schema {
  const properties = { ...asSchema(first.properties), ...asSchema(second.properties) };
  return { ...first, ...second, ...(Object.keys(properties).length === 0 ? {} : { properties }) };
}

function asSchema(value: unknown): Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {};
}

function numberIn(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
