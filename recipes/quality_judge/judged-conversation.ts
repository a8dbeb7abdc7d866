import { createHash } from 'node:crypto';
import { readConversation, type Content, type Conversation, type Message } from 'syngraph/formats';

/** Characters of the turns before the last request: models can read no more than fits their context. */
const MOST_EARLIER_CHARACTERS = 24_000;

export interface JudgedConversation {
  /** Turns before the last request, the system message among them. */
  earlier: Message[];
  /** The last message of the user before the answer; empty where there is none. */
  request: string;
  /** The last message of the assistant that says something. */
  answer: string;
}

/**
 * What is to be judged of a record: its last answer, in its conversation.
 * @throws Error where the record has no conversation, or nobody has answered in it
 */
export function judgedConversation(state: object): JudgedConversation {
  const { messages } = readConversation(state as Parameters<typeof readConversation>[0]) satisfies Conversation;
  const last = messages.findLastIndex(({ role, content }) => role === 'assistant' && textOf(content).trim() !== '');
  if (last === -1) throw new Error('the conversation has no answer of an assistant to judge');
  const asked = messages.slice(0, last).findLastIndex(({ role }) => role === 'user');
  const between = messages.slice(asked + 1, last);
  return {
    earlier: asked === -1 ? between : messages.slice(0, asked),
    request: asked === -1 ? '' : textOf(messages[asked]!.content),
    answer: [...(asked === -1 ? [] : between.map(lineOf)), textOf(messages[last]!.content)].join('\n\n'),
  };
}

/** The conversation up to the request, for prompts. */
export function requestText(judged: JudgedConversation): string {
  const { earlier, request } = judged;
  return marked(judged, { ...(earlier.length === 0 ? {} : { 'earlier turns': earlierText(earlier) }), request: request === '' ? '(unknown)' : request });
}

/** The whole of it, for prompts. */
export function transcriptText(judged: JudgedConversation): string {
  return `${requestText(judged)}\n\n${marked(judged, { 'answer to judge': judged.answer })}`;
}

/**
 * Each part between marks that hold a hash of the whole: a text that has been written to end its
 * part and go on with instructions cannot know them.
 */
function marked(judged: JudgedConversation, parts: Record<string, string>): string {
  const mark = createHash('sha256').update(JSON.stringify(judged)).digest('hex').slice(0, 8);
  return Object.entries(parts)
    .map(([name, text]) => `[${mark} ${name}]\n${text.trim()}\n[${mark} end of ${name}]`)
    .join('\n\n');
}

function earlierText(messages: readonly Message[]): string {
  const text = messages.map(lineOf).join('\n\n');
  if (text.length <= MOST_EARLIER_CHARACTERS) return text;
  const half = MOST_EARLIER_CHARACTERS / 2;
  const left = text.length - 2 * half;
  return `${text.slice(0, half)}\n\n[${left} characters are left out here]\n\n${text.slice(-half)}`;
}

function lineOf({ role, content, toolCalls = [] }: Message): string {
  const calls = toolCalls.map(({ name, arguments: given }) => `(calls ${name} with ${JSON.stringify(given)})`);
  return `${role}: ${[textOf(content), ...calls].filter((text) => text !== '').join('\n')}`;
}

/** What a message says; images and the like are named only. */
export function textOf(content: Content): string {
  if (typeof content === 'string') return content;
  return content.map((part) => (typeof part.text === 'string' ? part.text : `(${typeof part.type === 'string' ? part.type : 'something else'})`)).join('\n');
}
