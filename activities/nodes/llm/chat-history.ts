import { isJsonObject, type JsonObject, type JsonValue } from '../../../pipeline/json.ts';
import type { AskingNodePlanBase } from '../../../pipeline/plan.ts';
import type { ChatMessage, ModelAnswer } from '../../models/model-client.ts';
import { CHAT_HISTORY } from '../changed-state.ts';
import { answerText } from './read-answer.ts';

/** Entry of `__chat_history__`, with the fields that helpers written for SyGra read. */
export interface ChatEntry {
  /** Of the node. */
  name: string;
  request: ChatMessage[];
  response: string;
}

export function chatEntry(name: string, request: ChatMessage[], answer: ModelAnswer): JsonObject {
  const entry: ChatEntry = { name, request, response: answerText(answer) };
  return entry as unknown as JsonObject;
}

/** The latest exchanges sent along: as messages of their own, or told in one message as the talk of several. */
export function withChatHistory(options: { node: AskingNodePlanBase; state: JsonObject; messages: ChatMessage[] }): ChatMessage[] {
  const { node, state, messages } = options;
  const history = state[CHAT_HISTORY];
  if (node.chat === null || node.chat.conversation === null || !Array.isArray(history) || history.length === 0) return messages;
  const { conversation, window } = node.chat;
  if (conversation === 'singleturn') return [...messages.filter(isSystem), tellConversation(textOf(state['_agent_name']) || node.name, history, window)];
  // The system prompt leads, the record's own prompt comes last.
  return [...messages.filter(isSystem), ...replay(history, window), ...messages.filter((message) => !isSystem(message))];
}

function isSystem(message: ChatMessage): boolean {
  return message.role === 'system';
}

/** Begins with a user's turn: an answer whose question was cut off would stand there without sense. */
function replay(history: JsonValue[], window: number): ChatMessage[] {
  const latest = history.slice(-window).flatMap(messagesOf);
  const first = latest.findIndex((message) => message.role === 'user');
  return first === -1 ? [] : latest.slice(first);
}

/** A message that a helper has put there, or the question and the answer of a node. */
function messagesOf(entry: JsonValue): ChatMessage[] {
  if (!isJsonObject(entry)) return [];
  const { role, content } = entry;
  if (role === 'user' || role === 'assistant' || role === 'tool') return [{ ...entry, role, content: content ?? '' } as ChatMessage];
  const question = lastQuestion(entry);
  const answer: ChatMessage = { role: 'assistant', content: textOf(entry['response']) };
  return question === null ? [] : [{ role: 'user', content: question }, answer];
}

function tellConversation(speaker: string, history: JsonValue[], window: number): ChatMessage {
  const entries = history.filter(isJsonObject);
  const opening = entries[0] === undefined ? null : firstQuestion(entries[0]);
  const turns = entries.slice(-window).map((entry) => `${textOf(entry['name'])}: ${textOf(entry['response'])}`);
  const lines = [
    'This is a conversation among several speakers. You are one of them: keep to your part.',
    'What has been said so far:',
    ...(opening === null ? [] : [`Organizer: ${opening}`]),
    ...turns,
    '',
    `Now speak as ${speaker}. Give the next turn alone, without a name in front of it and without notes, and answer what was said last.`,
  ];
  return { role: 'user', content: lines.join('\n') };
}

function questions(entry: JsonObject): string[] {
  const request = Array.isArray(entry['request']) ? entry['request'].filter(isJsonObject) : [];
  return request.filter((message) => message['role'] === 'user').map((message) => textOf(message['content']));
}

function firstQuestion(entry: JsonObject): string | null {
  return questions(entry)[0] ?? null;
}

function lastQuestion(entry: JsonObject): string | null {
  return questions(entry).at(-1) ?? null;
}

function textOf(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
