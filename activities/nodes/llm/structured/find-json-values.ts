import type { JsonValue } from '../../../../pipeline/json.ts';
import { removeThinking } from '../remove-thinking.ts';
import { readLenientJson } from './read-lenient-json.ts';

/** Longer texts are not searched. */
const MAXIMUM_CHARACTERS = 1_000_000;
/** An answer with more values is no answer. */
const MAXIMUM_VALUES = 20;
const MAXIMUM_BRACKETS = 1000;

/** What follows a bracket that begins JSON rather than a remark in prose. */
const BEGINS_OBJECT = /\{\s*(?:["'}]|\/[/*]|[A-Za-z_$][\w$-]*\s*:)/y;
const BEGINS_LIST = /\[\s*(?:[[{"'\]\d-]|(?:true|false|null|True|False|None)\b)/y;

/**
 * The lists and objects that an answer holds, in its order: alone, in a code fence or in prose, and
 * mended where they are only written badly. An answer that holds one which is broken, e.g. because
 * it was cut off, holds none: a part of it may look whole and mean something else.
 */
export function findJsonValues(text: string): JsonValue[] {
  if (text.length > MAXIMUM_CHARACTERS) return [];
  const whole = parseStrictly(text);
  if (whole !== undefined) return [whole];
  const answer = removeThinking(text).text;
  const values: JsonValue[] = [];
  const bracket = /[[{]/g;
  for (let brackets = 0; brackets < MAXIMUM_BRACKETS; brackets += 1) {
    const start = bracket.exec(answer)?.index;
    if (start === undefined) return values;
    if (!begins(answer, start)) continue;
    const found = readLenientJson(answer, start);
    const value = found === null ? undefined : parseStrictly(found.strict);
    if (found === null || value === undefined || values.push(value) > MAXIMUM_VALUES) return [];
    bracket.lastIndex = found.end;
  }
  return [];
}

function begins(text: string, start: number): boolean {
  const pattern = text[start] === '{' ? BEGINS_OBJECT : BEGINS_LIST;
  pattern.lastIndex = start;
  return pattern.test(text);
}

function parseStrictly(text: string): JsonValue | undefined {
  try {
    const value = JSON.parse(text) as JsonValue;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
