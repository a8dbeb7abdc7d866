import { isJsonObject, type JsonValue } from '../pipeline/json.ts';
import { conversationFault, kindOf } from './conversation-fault.ts';
import type { ToolCall } from './conversation.ts';
import { parsedCell } from './fields.ts';

/**
 * The calls of an assistant's message: OpenAI's `{id, function: {name, arguments}}`, the bare
 * `{name, arguments}` of ShareGPT's `function_call`, alone or in a list, or JSON text of either.
 */
export function readToolCalls(value: JsonValue, field: string): ToolCall[] {
  const cell = parsedCell(value);
  const list = Array.isArray(cell) ? cell : [cell];
  return list.map((item, index) => readToolCall(item ?? null, Array.isArray(cell) ? `${field}[${index}]` : field));
}

function readToolCall(value: JsonValue, field: string): ToolCall {
  const call = isJsonObject(value) && isJsonObject(value.function) ? { ...value.function, id: value.id } : value;
  if (!isJsonObject(call) || typeof call.name !== 'string') {
    throw conversationFault({ field, message: `is ${kindOf(value)}; a call of a tool with name and arguments was expected` });
  }
  return {
    ...(typeof call.id === 'string' && call.id !== '' ? { id: call.id } : {}),
    name: call.name,
    arguments: parsedCell(call.arguments) ?? {},
  };
}
