import { isJsonObject, type JsonValue } from './json.ts';

/** The messages of a request, as a failed record keeps them, as text for people; what is no list of messages stays as it is. */
export function readablePrompt(prompt: string): string {
  const messages = parse(prompt);
  if (!Array.isArray(messages) || messages.length === 0 || !messages.every(isJsonObject)) return prompt;
  return messages.map(({ role, content, ...rest }) => `[${textOf(role ?? 'message')}]\n${textOf(content ?? '')}${Object.keys(rest).length === 0 ? '' : `\n${JSON.stringify(rest)}`}`).join('\n\n');
}

function textOf(value: JsonValue): string {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return JSON.stringify(value);
  // Parts of a message: text beside images and sounds.
  return value.map((part) => (isJsonObject(part) && typeof part.text === 'string' ? part.text : JSON.stringify(part))).join('\n');
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return null;
  }
}
