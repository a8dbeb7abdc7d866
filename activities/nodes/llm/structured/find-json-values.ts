import type { JsonValue } from '../../../../pipeline/json.ts';
import { removeThinking } from '../remove-thinking.ts';

/** Longer texts are not searched. */
const MAXIMUM_CHARACTERS = 1_000_000;
/** Values that are looked at; an answer with more is no answer. */
const MAXIMUM_VALUES = 5;
/** Brackets that lead to nothing, before the search is given up: prose may hold some. */
const MAXIMUM_FALSE_STARTS = 50;
const MAXIMUM_DEPTH = 100;

/**
 * The JSON values that an answer holds, the longest first: alone, in a code fence or in prose, and
 * mended where they are only written badly (trailing commas, single quotes, Python's literals).
 * A value that is not closed, or that says "…" for what it leaves out, is none: mending it would
 * make up an end.
 */
export async function findJsonValues(text: string): Promise<JsonValue[]> {
  if (text.length > MAXIMUM_CHARACTERS) return [];
  const whole = parseStrictly(text);
  if (whole !== undefined) return [whole];
  const answer = removeThinking(text).text;
  const found = [...brackets(answer)];
  const regions = found.length > 0 ? found : widest(answer);
  const values: JsonValue[] = [];
  for (const region of regions.sort((left, right) => right.length - left.length).slice(0, MAXIMUM_VALUES)) {
    const value = parseStrictly(region) ?? (await mend(region));
    if (value !== undefined) values.push(value);
  }
  return values;
}

function parseStrictly(text: string): JsonValue | undefined {
  try {
    const value = JSON.parse(text) as JsonValue;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

async function mend(region: string): Promise<JsonValue | undefined> {
  if (/(^|[\s,[{])(\.\.\.|…)\s*[,\]}]/.test(region.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, '""'))) return undefined;
  const { jsonrepair, JSONRepairError } = await import('jsonrepair');
  try {
    return parseStrictly(jsonrepair(region));
  } catch (error) {
    if (error instanceof JSONRepairError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Outermost values in brackets that are closed. */
function* brackets(text: string): Generator<string> {
  let falseStarts = 0;
  for (let start = nextBracket(text, 0); start !== -1; ) {
    const end = closingBracket(text, start);
    if (end !== -1) yield text.slice(start, end + 1);
    else if (++falseStarts === MAXIMUM_FALSE_STARTS) return;
    start = nextBracket(text, end === -1 ? start + 1 : end + 1);
  }
}

function nextBracket(text: string, from: number): number {
  const found = /[[{]/g;
  found.lastIndex = from;
  return found.exec(text)?.index ?? -1;
}

/** -1 where the brackets are not closed or do not match. Quotes count where a value or a key may begin. */
function closingBracket(text: string, start: number): number {
  const open: string[] = [];
  let quote = '';
  let before = '';
  for (let at = start; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (quote !== '') {
      if (character === '\\') at += 1;
      else if (character === quote) quote = '';
      continue;
    }
    if (character === '"' || (character === "'" && '[{:,'.includes(before))) quote = character;
    else if (character === '{' || character === '[') open.push(character === '{' ? '}' : ']');
    else if (character === '}' || character === ']') {
      if (open.pop() !== character) return -1;
      if (open.length === 0) return at;
    }
    if (open.length > MAXIMUM_DEPTH) return -1;
    if (character.trim() !== '') before = character;
  }
  return -1;
}

/** Quotes within quotes hide where a value ends: from the first brace to the last one, if there are as many of each kind. */
function widest(text: string): string[] {
  const start = text.indexOf('{');
  const end = text.lastIndexOf('}');
  if (start === -1 || end < start) return [];
  const region = text.slice(start, end + 1);
  const count = (bracket: string): number => region.split(bracket).length;
  return count('{') === count('}') && count('[') === count(']') && count('{') <= MAXIMUM_DEPTH ? [region] : [];
}
