const DEEPEST = 200;
const LONGEST_CHARACTERS = 64 * 1024 * 1024;

/**
 * JSON of what a function has answered. undefined becomes null, a Date its ISO text. What JSON would
 * drop or distort without a word (functions, BigInt, NaN, Map, class instances that iterate, cycles)
 * is an error that names its path, since it would go missing from the dataset. Runs in function threads.
 */
export function crossingJson(value: unknown): string {
  if (value === undefined) return 'null';
  const holdsUndefined = check(value, { path: '', depth: 0 });
  const json = holdsUndefined ? JSON.stringify(value, undefinedToNull) : JSON.stringify(value);
  if (json.length > LONGEST_CHARACTERS) {
    throw new TypeError(`answered with ${json.length} characters of JSON; at most ${LONGEST_CHARACTERS} are allowed`);
  }
  return json;
}

interface Place {
  path: string;
  depth: number;
}

/** True if an undefined is somewhere inside. */
function check(value: unknown, place: Place): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return false;
    case 'undefined':
      return true;
    case 'number':
      if (!Number.isFinite(value)) refuse(String(value), place);
      return false;
    case 'object':
      return value === null ? false : checkObject(value, place);
    default:
      return refuse(`a ${typeof value}`, place);
  }
}

function checkObject(value: object, place: Place): boolean {
  if (place.depth > DEEPEST)
    return refuse(`a value that contains itself or is nested deeper than ${DEEPEST}`, { ...place, path: '' });
  const depth = place.depth + 1;
  let holdsUndefined = false;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      if (check(value[index], { path: `${place.path}[${index}]`, depth })) holdsUndefined = true;
    }
    return holdsUndefined;
  }
  if (value instanceof Date && Number.isNaN(value.getTime())) refuse('an invalid Date', place);
  if (!ArrayBuffer.isView(value) && 'toJSON' in value && typeof value.toJSON === 'function') {
    return check((value.toJSON as () => unknown)(), { path: place.path, depth });
  }
  if (isOpaque(value)) return refuse(`a ${value.constructor.name}`, place);
  for (const key in value) {
    if (check((value as Record<string, unknown>)[key], { path: `${place.path}.${key}`, depth })) holdsUndefined = true;
  }
  return holdsUndefined;
}

/** Its content is not in its properties, so JSON would show it as `{}`. */
function isOpaque(value: object): boolean {
  return (
    Symbol.iterator in value ||
    Symbol.asyncIterator in value ||
    value instanceof Error ||
    value instanceof RegExp ||
    value instanceof Promise ||
    value instanceof WeakMap ||
    value instanceof WeakSet ||
    value instanceof ArrayBuffer
  );
}

function undefinedToNull(_key: string, value: unknown): unknown {
  return value === undefined ? null : value;
}

function refuse(what: string, place: Place): never {
  const where = place.path === '' ? '' : ` at ${place.path.replace(/^\./, '')}`;
  throw new TypeError(`answered with ${what}${where}, which JSON cannot hold`);
}
