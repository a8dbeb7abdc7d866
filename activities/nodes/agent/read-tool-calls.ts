import { isJsonObject, type JsonObject, type JsonValue } from '../../../pipeline/json.ts';
import type { ChatMessage } from '../../models/model-client.ts';

/** One call of a tool as a model has asked for it. */
export interface RequestedCall {
  /** What its result is sent back under. */
  id: string;
  name: string;
  /** null where they are no JSON object. */
  values: JsonObject | null;
  /** As they were given. */
  given: string;
}

/** The calls of an answer, in order. Models that give calls no id get one that is the same each time. */
export function readToolCalls(message: ChatMessage, step: number): RequestedCall[] {
  return (message.tool_calls ?? []).filter(isJsonObject).map((call, index): RequestedCall => {
    const called = isJsonObject(call['function']) ? call['function'] : {};
    const { name, arguments: given } = called;
    return {
      id: typeof call['id'] === 'string' && call['id'] !== '' ? call['id'] : `call_${step}_${index}`,
      name: typeof name === 'string' ? name : '',
      values: readValues(given),
      given: typeof given === 'string' ? given : JSON.stringify(given ?? {}),
    };
  });
}

/** As it is sent back to the model: every call with its id, its arguments as text. */
export function writeToolCalls(calls: readonly RequestedCall[]): JsonObject[] {
  return calls.map(({ id, name, given }) => ({ id, type: 'function', function: { name, arguments: given } }));
}

function readValues(given: JsonValue | undefined): JsonObject | null {
  if (given === undefined || given === null || given === '') return {};
  if (typeof given !== 'string') return isJsonObject(given) ? given : null;
  try {
    const value = JSON.parse(given) as JsonValue;
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
