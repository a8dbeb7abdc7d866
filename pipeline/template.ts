import { SyngraphError } from './errors.ts';
import type { JsonObject, JsonValue } from './json.ts';
import type { Template } from './template-plan.ts';

export interface TemplateProblem {
  /** UTF-16 units from the beginning of the text. */
  offset: number;
  length: number;
  message: string;
}

export interface ParsedTemplate {
  template: Template;
  problems: TemplateProblem[];
}

/**
 * `{name}` is a variable, `{{` and `}}` are literal braces, as in Python's format strings. A name
 * is any text on one line without braces and quotes, e.g. `{alias->column}`.
 */
export function parseTemplate(text: string): ParsedTemplate {
  const template: Template = [];
  const problems: TemplateProblem[] = [];
  let literal = '';
  const flush = (): void => {
    if (literal !== '') template.push(literal);
    literal = '';
  };
  for (let offset = 0; offset < text.length;) {
    const character = text[offset]!;
    if (character !== '{' && character !== '}') {
      const next = text.slice(offset).search(/[{}]/);
      const end = next === -1 ? text.length : offset + next;
      literal += text.slice(offset, end);
      offset = end;
    } else if (text[offset + 1] === character) {
      literal += character;
      offset += 2;
    } else if (character === '}') {
      problems.push({ offset, length: 1, message: 'This closing brace has no opening one' });
      offset += 1;
    } else {
      const placeholder = readPlaceholder(text, offset);
      if ('message' in placeholder) problems.push(placeholder);
      else {
        flush();
        template.push({ variable: placeholder.variable });
      }
      offset += placeholder.length;
    }
  }
  flush();
  return { template, problems };
}

/** Reads from an opening brace. */
function readPlaceholder(text: string, offset: number): { variable: string; length: number } | TemplateProblem {
  PLACEHOLDER.lastIndex = offset;
  const match = PLACEHOLDER.exec(text);
  if (match === null) return { offset, length: 1, message: 'This opening brace begins no variable' };
  const variable = match[1]!;
  if (variable === '') return { offset, length: 2, message: 'A variable needs a name between its braces' };
  if (variable.trim() !== variable) {
    return { offset, length: match[0].length, message: `"${match[0]}" has blanks around the name of its variable` };
  }
  return { variable, length: match[0].length };
}

const PLACEHOLDER = /\{([^{}"\r\n]{0,200})\}/y;

/** The text that `parseTemplate` reads back as this literal. */
export function escapeTemplate(literal: string): string {
  return literal.replace(/[{}]/g, '$&$&');
}

/** Each name once, in order of appearance. */
export function templateVariables(template: Template): string[] {
  return [...new Set(template.flatMap((part) => (typeof part === 'string' ? [] : [part.variable])))];
}

/**
 * Text of a template for one record. Strings go in as they are, null as the empty text, other
 * values as JSON.
 * @param recordId named in the error
 * @throws SyngraphError PROMPT_INVALID when the state lacks a variable
 */
export function renderTemplate(template: Template, state: JsonObject, recordId: string): string {
  let text = '';
  for (const part of template) text += typeof part === 'string' ? part : renderVariable(part.variable, state, recordId);
  return text;
}

function renderVariable(variable: string, state: JsonObject, recordId: string): string {
  // Own keys only: a variable called `constructor` must not find what every object inherits.
  if (!Object.hasOwn(state, variable)) {
    throw new SyngraphError({
      code: 'PROMPT_INVALID',
      message: `The prompt needs {${variable}}, which record ${recordId} does not have; it has ${Object.keys(state).slice(0, 50).join(', ') || 'nothing'}`,
      nextStep: `Let the source or a node before this one provide ${variable} in every record, or write {{${variable}}} for literal braces.`,
      details: { variable, record: recordId },
    });
  }
  return variableText(state[variable]!);
}

function variableText(value: JsonValue): string {
  if (typeof value === 'string') return value;
  return value === null ? '' : JSON.stringify(value);
}
