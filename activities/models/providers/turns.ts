import { isJsonObject, type JsonObject, type JsonValue } from '../../../pipeline/json.ts';
import type { ChatMessage } from '../model-client.ts';

/** How a provider writes the parts of a message. What they throw goes on. */
export interface PartWriter {
  text: (text: string) => JsonObject;
  image: (image: Media | { url: string }) => JsonObject;
  audio: (audio: Media | { url: string }) => JsonObject;
  toolCall: (call: { id: string; name: string; input: JsonValue }) => JsonObject;
  toolResult: (result: { id: string; content: JsonObject[] }) => JsonObject;
}

export interface Media {
  /** e.g. image/png. */
  mediaType: string;
  /** Base64. */
  data: string;
}

export interface Turns {
  /** The system messages, wherever they stand, one after the other; empty: none. */
  system: string;
  turns: Turn[];
}

export interface Turn {
  role: 'user' | 'assistant';
  parts: JsonObject[];
}

/**
 * A conversation for providers that have users and assistants take turns: system messages apart, tool results
 * said by the user, neighbours of one role made one turn. A conversation that begins with an answer gets an
 * empty-handed user before it, since those providers want one.
 */
export function toTurns(messages: ChatMessage[], writer: PartWriter): Turns {
  const turns: Turn[] = [];
  const system: string[] = [];
  for (const message of messages) {
    if (message.role === 'system') {
      system.push(textOf(message.content));
      continue;
    }
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const parts = partsOf(message, writer);
    const last = turns.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else if (parts.length > 0) turns.push({ role, parts });
  }
  if (turns[0]?.role !== 'user') turns.unshift({ role: 'user', parts: [writer.text('Go on.')] });
  return { system: system.filter((text) => text !== '').join('\n\n'), turns };
}

function partsOf(message: ChatMessage, writer: PartWriter): JsonObject[] {
  const content = contentParts(message.content, writer);
  if (message.role === 'tool') return [writer.toolResult({ id: message.tool_call_id ?? '', content })];
  const calls = (message.tool_calls ?? []).filter(isJsonObject).map((call) => {
    const called = isJsonObject(call.function) ? call.function : {};
    return writer.toolCall({ id: asText(call.id), name: asText(called.name), input: readArguments(called.arguments) });
  });
  return [...content, ...calls];
}

function contentParts(content: ChatMessage['content'], writer: PartWriter): JsonObject[] {
  if (typeof content === 'string') return content === '' ? [] : [writer.text(content)];
  return content.flatMap((part) => {
    if (typeof part === 'string') return [writer.text(part)];
    if (!isJsonObject(part)) return [];
    switch (part.type) {
      case 'text':
        return part.text === '' ? [] : [writer.text(asText(part.text))];
      case 'image_url':
        return [writer.image(readMedia(part.image_url))];
      case 'audio_url':
        return [writer.audio(readMedia(part.audio_url))];
      case 'input_audio':
        return [writer.audio(readInputAudio(part.input_audio))];
      default:
        return [writer.text(JSON.stringify(part))];
    }
  });
}

function readMedia(value: JsonValue | undefined): Media | { url: string } {
  const url = isJsonObject(value) ? value.url : value;
  return readDataUrl(asText(url)) ?? { url: asText(url) };
}

function readInputAudio(value: JsonValue | undefined): Media {
  const { data = '', format = 'wav' } = isJsonObject(value) ? value : {};
  return { mediaType: `audio/${asText(format)}`, data: asText(data) };
}

/** null: no data URL with base64. */
export function readDataUrl(url: string): Media | null {
  const comma = url.indexOf(',');
  const head = /^data:([^;,]*)(?:;[^;,]*)*;base64$/i.exec(url.slice(0, Math.max(comma, 0)));
  return head === null ? null : { mediaType: head[1] === undefined || head[1] === '' ? 'application/octet-stream' : head[1], data: url.slice(comma + 1) };
}

/** A value where a text is due. */
export function asText(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

/** The texts of a message, one to a line. */
export function textOf(content: ChatMessage['content']): string {
  if (typeof content === 'string') return content;
  return content.map((part) => (isJsonObject(part) ? asText(part.text ?? '') : asText(part))).join('\n');
}

/** Arguments as a model has written them: an object where they are JSON, else what they are. */
export function readArguments(text: JsonValue | undefined): JsonValue {
  if (typeof text !== 'string') return text ?? {};
  try {
    return text.trim() === '' ? {} : (JSON.parse(text) as JsonValue);
  } catch {
    // The model's own fault, shown to it as it was.
    return { arguments: text };
  }
}

/** A tool call in OpenAI's shape. */
export function toolCallOf(call: { id: string; name: string; input: JsonValue }): JsonObject {
  return { id: call.id, type: 'function', function: { name: call.name, arguments: JSON.stringify(call.input) } };
}
