import { isJsonObject, type JsonObject, type JsonValue } from '../../pipeline/json.ts';
import { readablePrompt } from '../../pipeline/readable-prompt.ts';
import type { Colours } from '../terminal.ts';
import { printable } from './format.ts';

/** A failed record with all that is known of it. @param input its source row; null where that is gone */
export function renderFailedRecord(record: JsonObject, { input, colours }: { input: JsonValue; colours: Colours }): string[] {
  const { id, node, code, message, attempts, stack, prompt, answer, state } = record;
  const section = (title: string, value: JsonValue | undefined): string[] =>
    value === undefined || value === null || value === '' || (isJsonObject(value) && Object.keys(value).length === 0) ? [] : ['', colours.bold(title), ...printable(typeof value === 'string' ? value : JSON.stringify(value, null, 2)).split('\n')];
  return [
    `${colours.bold(printable(textOf(id), { oneLine: true }))}  failed in ${printable(textOf(node), { oneLine: true })} with ${printable(textOf(code), { oneLine: true })} after ${textOf(attempts)} ${attempts === 1 ? 'attempt' : 'attempts'}`,
    ...section('error', message),
    ...section('raised at', stack),
    ...section('input', input),
    ...section('state before the node, beyond the input', isJsonObject(state) && isJsonObject(input) ? beyond(state, input) : state),
    ...section('prompt', typeof prompt === 'string' ? readablePrompt(prompt) : prompt),
    ...section('answer of the model', answer),
  ];
}

/** What nodes have added to the input, or changed of it; it need not be read twice. */
function beyond(state: JsonObject, input: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(state).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(input[key])));
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
