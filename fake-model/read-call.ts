/** `image`, `speech` and `transcription` are OpenAI's image and audio endpoints. */
export type CallKind = 'chat' | 'text' | 'embeddings' | 'image' | 'speech' | 'transcription';

export interface ParsedCall {
  kind: CallKind;
  body: string;
  model: string;
  /** Text of the last user message; of an image call its prompt, of embeddings and speech the input. */
  prompt: string;
  /** False for a body that no real endpoint would take; it gets a 400. */
  isValid: boolean;
  /** Choices or images that are wanted. */
  samples: number;
  /** Texts to embed. */
  inputs: string[];
  chat: ChatFacts | null;
  /** Wanted length of embeddings; null: the server's own. */
  dimensions: number | null;
  /** Embeddings as base64 of 32-bit floats. */
  isBase64: boolean;
}

/** What answers of a conversation depend on. */
export interface ChatFacts {
  firstPrompt: string;
  /** Assistant messages so far. */
  answers: number;
  /** Assistant messages with tool calls since the last user message. */
  toolTurns: number;
  tools: { name: string; parameters: unknown }[];
  /** `required`, or the name of the one tool that must be called. */
  forcedTool: string | null;
  /** The answer is to be a JSON object; `schema` is null where any will do. */
  format: { schema: unknown } | null;
  wantsAudio: boolean;
}

interface CallBody {
  model?: unknown;
  prompt?: unknown;
  input?: unknown;
  n?: unknown;
  dimensions?: unknown;
  encoding_format?: unknown;
  messages?: Message[];
  tools?: { function?: { name?: unknown; parameters?: unknown } }[];
  tool_choice?: unknown;
  response_format?: unknown;
  guided_json?: unknown;
  structured_outputs?: { json?: unknown };
  modalities?: unknown;
}

interface Message {
  role?: unknown;
  content?: unknown;
  tool_calls?: unknown;
}

const MAXIMUM_SAMPLES = 128;
const MAXIMUM_DIMENSIONS = 4096;

/** Reads the little of a call that scripts look at. */
export function readCall(body: string, kind: CallKind): ParsedCall {
  const unread: ParsedCall = {
    kind,
    body,
    model: 'fake',
    prompt: '',
    isValid: false,
    samples: 1,
    inputs: [],
    chat: null,
    dimensions: null,
    isBase64: false,
  };
  if (/^--/.test(body)) return readForm(unread);
  try {
    const parsed = JSON.parse(body) as CallBody | null;
    if (parsed === null || typeof parsed !== 'object') return unread;
    const call = {
      ...unread,
      model: typeof parsed.model === 'string' ? parsed.model : 'fake',
      samples: Math.floor(Math.min(Math.max(Number(parsed.n ?? 1) || 1, 1), MAXIMUM_SAMPLES)),
    };
    if (kind === 'embeddings') return readEmbeddings(call, parsed);
    if (kind === 'speech') return { ...call, prompt: textOf(parsed.input), isValid: typeof parsed.input === 'string' };
    if (kind !== 'chat') return { ...call, prompt: textOf(parsed.prompt), isValid: parsed.prompt !== undefined };
    return readChat(call, parsed);
  } catch {
    // Not JSON: answered with a 400, as a real endpoint does.
    return unread;
  }
}

function readChat(call: ParsedCall, body: CallBody): ParsedCall {
  const { messages } = body;
  if (!Array.isArray(messages) || messages.length === 0) return call;
  const users = messages.filter((message) => message.role === 'user');
  const last = users.at(-1) ?? messages.at(-1);
  const lastUser = messages.findLastIndex((message) => message.role === 'user');
  const answers = messages.filter((message) => message.role === 'assistant');
  const tools = body.tool_choice === 'none' || !Array.isArray(body.tools) ? [] : body.tools;
  return {
    ...call,
    prompt: textOf(last?.content),
    isValid: true,
    chat: {
      firstPrompt: textOf((users[0] ?? last)?.content),
      answers: answers.length,
      toolTurns: messages.slice(lastUser + 1).filter((message) => Array.isArray(message.tool_calls)).length,
      tools: tools.map((tool) => ({ name: textOf(tool.function?.name), parameters: tool.function?.parameters })),
      forcedTool: readForcedTool(body.tool_choice),
      format: readFormat(body),
      wantsAudio: Array.isArray(body.modalities) && body.modalities.includes('audio'),
    },
  };
}

function readForcedTool(choice: unknown): string | null {
  if (choice === 'required') return choice;
  const name = (choice as { function?: { name?: unknown } } | null | undefined)?.function?.name;
  return typeof name === 'string' ? name : null;
}

/** OpenAI's `response_format`, TGI's shape of it, and vLLM's own keys. */
function readFormat(body: CallBody): { schema: unknown } | null {
  const format = body.response_format as { type?: string; json_schema?: { schema?: unknown }; value?: unknown } | null | undefined;
  if (format?.type === 'json_schema') return { schema: format.json_schema?.schema ?? null };
  if (format?.type === 'json_object' || format?.type === 'json') return { schema: format.value ?? null };
  const guided = body.guided_json ?? body.structured_outputs?.json;
  return guided === undefined ? null : { schema: guided };
}

function readEmbeddings(call: ParsedCall, body: CallBody): ParsedCall {
  const inputs = typeof body.input === 'string' ? [body.input] : body.input;
  const isValid = Array.isArray(inputs) && inputs.length > 0 && inputs.every((input) => typeof input === 'string');
  if (!isValid) return call;
  const wanted = Number(body.dimensions);
  return {
    ...call,
    prompt: inputs[0] ?? '',
    inputs,
    isValid,
    dimensions: Number.isInteger(wanted) && wanted > 0 && wanted <= MAXIMUM_DIMENSIONS ? wanted : null,
    isBase64: body.encoding_format === 'base64',
  };
}

/** A multipart form, as image edits and transcriptions are: the text fields of it. The boundary, drawn anew each time, is cut out of the body. */
function readForm(call: ParsedCall): ParsedCall {
  const boundary = /^--[^\r\n]+/.exec(call.body)?.[0] ?? '';
  const field = (name: string): string | null => {
    const start = new RegExp(`name="${name}"\\r?\\n(?:[^\\r\\n]+\\r?\\n)*\\r?\\n`).exec(call.body);
    if (start === null) return null;
    const from = start.index + start[0].length;
    return call.body.slice(from, call.body.indexOf(boundary, from)).trimEnd();
  };
  return {
    ...call,
    body: call.body.replaceAll(boundary, ''),
    model: field('model') ?? 'fake',
    prompt: field('prompt') ?? '',
    samples: Math.floor(Math.min(Math.max(Number(field('n') ?? 1) || 1, 1), MAXIMUM_SAMPLES)),
    isValid: /filename="/.test(call.body),
  };
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return content === undefined ? '' : JSON.stringify(content);
}
