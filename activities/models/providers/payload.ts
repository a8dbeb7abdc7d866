import { isJsonObject, type JsonObject, type JsonValue } from '../../../pipeline/json.ts';

const WHOLE = /^\{([\w.-]+)\}$/;
const PART = /\{([\w.-]+)\}/g;
const DEEPEST = 64;

/**
 * Fills the template of a request's body. A text that is one `{name}` becomes the value itself, of whatever type;
 * within a longer text the value is written out. Keys and items whose one `{name}` has no value are left out, so that a
 * parameter need not be given. Braces around anything else stay as they are.
 */
export function fillPayload(template: JsonValue, values: JsonObject): JsonValue {
  return fill(template, values, 0) ?? null;
}

function fill(template: JsonValue, values: JsonObject, depth: number): JsonValue | undefined {
  if (depth > DEEPEST) return template;
  if (typeof template === 'string') {
    const name = WHOLE.exec(template)?.[1];
    if (name !== undefined) return values[name];
    return template.replace(PART, (all, key: string) => {
      const value = values[key];
      if (value === undefined) return all;
      return typeof value === 'string' ? value : JSON.stringify(value);
    });
  }
  if (Array.isArray(template)) return template.map((item) => fill(item, values, depth + 1)).filter((item) => item !== undefined);
  if (!isJsonObject(template)) return template;
  const entries = Object.entries(template).map(([key, value]) => [key, fill(value, values, depth + 1)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as JsonObject;
}

/** What stands at a path such as `outputs[0].data[0].text`; a text on the way is read as JSON. undefined: nothing. */
export function valueAtPath(value: JsonValue, path: string): JsonValue | undefined {
  const steps = path.replace(/^\$\.?/, '').split(/[.[\]]+/).filter((step) => step !== '');
  let current: JsonValue | undefined = value;
  for (const step of steps) {
    if (typeof current === 'string') current = parse(current);
    if (Array.isArray(current)) current = current[Number(step)];
    else current = isJsonObject(current) && Object.hasOwn(current, step) ? current[step] : undefined;
  }
  return current;
}

function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    // The path leads through a plain text: there is nothing at its end.
    return undefined;
  }
}
