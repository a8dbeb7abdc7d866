import { isJsonObject, type JsonObject, type JsonValue } from '../pipeline/json.ts';
import { conversationFault, kindOf } from './conversation-fault.ts';
import type { Content, Message, RejectedBranch, Role } from './conversation.ts';
import { fieldNamed, isPresent, parsedCell, withoutFields } from './fields.ts';
import { readToolCalls } from './read-tool-calls.ts';

/** What the formats call those who speak. */
const ROLES: Readonly<Record<string, Role>> = {
  system: 'system', developer: 'system',
  user: 'user', human: 'user', prompter: 'user',
  assistant: 'assistant', gpt: 'assistant', chatgpt: 'assistant', bot: 'assistant', model: 'assistant', ai: 'assistant', function_call: 'assistant',
  tool: 'tool', observation: 'tool', function: 'tool', ipython: 'tool',
};

const CONTENTS = ['content', 'value', 'text'] as const;

export interface MessageList {
  messages: Message[];
  rejected: RejectedBranch[];
}

/**
 * A list of messages: `{role, content}`, ShareGPT's `{from, value}`, `{user: …}` as prompts are
 * written in YAML, or SyGra's `{role: assistant, chosen: […], rejected: […]}`.
 * @param field path of the list, for messages
 */
export function readMessages(list: readonly JsonValue[], field: string): MessageList {
  const read: MessageList = { messages: [], rejected: [] };
  if (list.length === 0) throw conversationFault({ field, message: 'is an empty list; a conversation has messages' });
  list.forEach((item, index) => readItem(item, `${field}[${index}]`, read));
  return read;
}

/** The list in a field that may as well hold a text; null where it is no list of messages. */
export function messageList(value: JsonValue | undefined): JsonValue[] | null {
  const cell = parsedCell(value);
  const isList = Array.isArray(cell) && cell.length > 0 && cell.every((item) => isJsonObject(item) && (isPresent(item.role) || isPresent(item.from) || isShort(item)));
  return isList ? cell : null;
}

export function roleNamed(name: JsonValue | undefined, field: string): Role {
  const key = typeof name === 'string' ? name.toLowerCase() : '';
  if (Object.hasOwn(ROLES, key)) return ROLES[key]!;
  const what = typeof name === 'string' ? `is "${name.slice(0, 40)}"` : `is ${kindOf(name)}`;
  throw conversationFault({ field, message: `${what}; the known roles are ${Object.keys(ROLES).join(', ')}` });
}

function readItem(item: JsonValue, field: string, read: MessageList): void {
  if (!isJsonObject(item)) {
    throw conversationFault({ field, message: `is ${kindOf(item)}; {role, content}, {from, value} or {user: …} was expected` });
  }
  if (isPresent(item.role) || isPresent(item.from)) readFull(item, field, read);
  else if (isShort(item)) {
    // Parquet gives every mapping of a column the keys of all.
    for (const [role, content] of Object.entries(item)) if (content !== null) read.messages.push({ role: roleNamed(role, field), content: readContent(content, `${field}.${role}`) });
  } else {
    const keys = Object.keys(item).slice(0, 10).join(', ');
    throw conversationFault({ field, message: `has the keys ${keys}; {role, content}, {from, value} or {user: …} was expected` });
  }
}

function isShort(item: JsonObject): boolean {
  const keys = Object.keys(item);
  return keys.every((key) => Object.hasOwn(ROLES, key)) && keys.some((key) => item[key] !== null);
}

function readFull(item: JsonObject, field: string, read: MessageList): void {
  const roleField = isPresent(item.role) ? 'role' : 'from';
  const role = roleNamed(item[roleField], `${field}.${roleField}`);
  const contentField = fieldNamed(item, CONTENTS) ?? CONTENTS.find((name) => item[name] === '') ?? 'content';
  const isCall = item[roleField] === 'function_call';
  const callField = isCall ? contentField : 'tool_calls';
  const toolCalls = isPresent(item[callField]) ? readToolCalls(item[callField], `${field}.${callField}`) : [];
  const preference = role === 'assistant' && (isPresent(item.chosen) || isPresent(item.rejected));
  const chosen = preference && isPresent(item.chosen) ? joined(item.chosen, `${field}.chosen`) : null;
  const hasContent = item[contentField] !== null && item[contentField] !== undefined && !isCall;
  const content = chosen ?? (hasContent || toolCalls.length === 0 ? readContent(item[contentField], `${field}.${contentField}`) : '');
  const others = withoutFields(item, ['role', 'from', contentField, 'tool_calls', 'tool_call_id', 'name', ...(preference ? ['chosen', 'rejected'] : [])]);
  const extra = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== null));
  const message: Message = {
    role,
    content,
    ...(isPresent(item.name) && typeof item.name === 'string' ? { name: item.name } : {}),
    ...(toolCalls.length > 0 ? { toolCalls } : {}),
    ...(typeof item.tool_call_id === 'string' ? { toolCallId: item.tool_call_id } : {}),
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  };
  if (preference && isPresent(item.rejected)) {
    const other: Message = { role, content: joined(item.rejected, `${field}.rejected`) };
    read.rejected.push({ at: read.messages.length, length: 1, messages: [other] });
  }
  read.messages.push(message);
}

/** SyGra has the answers that were chosen or rejected as a list of pieces. */
function joined(value: JsonValue, field: string): string {
  const pieces = Array.isArray(value) ? value : [value];
  if (pieces.every((piece) => typeof piece === 'string')) return pieces.join('\n');
  throw conversationFault({ field, message: `is ${kindOf(value)}; a text or a list of texts was expected` });
}

/** Text, or a list of typed parts. */
export function readContent(value: JsonValue | undefined, field: string): Content {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.length > 0 && value.every((part): part is JsonObject => isJsonObject(part) && typeof part.type === 'string')) return value;
  throw conversationFault({ field, message: `is ${kindOf(value)}; a text or a list of parts with a type was expected` });
}
