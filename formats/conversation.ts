import type { JsonObject, JsonValue } from '../pipeline/json.ts';

export type Role = 'system' | 'user' | 'assistant' | 'tool';

export interface ToolCall {
  id?: string;
  name: string;
  /** As data, not as the text that OpenAI's format has it in. */
  arguments: JsonValue;
}

/** Text, or parts as OpenAI's API has them (`{type: "text", text}`, images …). */
export type Content = string | JsonObject[];

export interface Message {
  role: Role;
  /** Empty where an assistant does nothing but call tools. */
  content: Content;
  name?: string;
  toolCalls?: ToolCall[];
  /** Of a tool's answer: the call that it answers. */
  toolCallId?: string;
  /** What else stood beside it, e.g. `weight` or `quality`. */
  extra?: JsonObject;
}

/** What somebody preferred the conversation to. */
export interface RejectedBranch {
  /** Position of the first message that it stands against. */
  at: number;
  /** How many messages of the conversation it stands against. */
  length: number;
  messages: Message[];
}

/** The one shape that all training formats are read into and written from. */
export interface Conversation {
  /** As the record has it; null where it has none. */
  id: string | null;
  messages: Message[];
  /** In the order of `at`. Absent: no preference is known. */
  rejected?: RejectedBranch[];
  /** The record's other fields. */
  metadata: JsonObject;
}
