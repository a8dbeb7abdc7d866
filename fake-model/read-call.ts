export interface ParsedCall {
  kind: 'chat' | 'text';
  body: string;
  model: string;
  /** Text of the last user message. */
  prompt: string;
  /** False for a body that no real endpoint would take; it gets a 400. */
  isValid: boolean;
}

interface CallBody {
  model?: unknown;
  prompt?: unknown;
  messages?: { role?: unknown; content?: unknown }[];
}

/** Reads the little of a call that scripts look at. */
export function readCall(body: string, kind: 'chat' | 'text'): ParsedCall {
  const unread = { kind, body, model: 'fake', prompt: '', isValid: false };
  try {
    const parsed = JSON.parse(body) as CallBody | null;
    if (parsed === null || typeof parsed !== 'object') return unread;
    const model = typeof parsed.model === 'string' ? parsed.model : 'fake';
    if (kind === 'text')
      return { kind, body, model, prompt: textOf(parsed.prompt), isValid: parsed.prompt !== undefined };
    if (!Array.isArray(parsed.messages) || parsed.messages.length === 0) return { ...unread, model };
    const last = parsed.messages.findLast((message) => message.role === 'user') ?? parsed.messages.at(-1);
    return { kind, body, model, prompt: textOf(last?.content), isValid: true };
  } catch {
    // Not JSON: answered with a 400, as a real endpoint does.
    return unread;
  }
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return content === undefined ? '' : JSON.stringify(content);
}
