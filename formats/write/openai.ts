import { z } from 'zod';
import type { JsonObject } from '../../pipeline/json.ts';
import { parsedCell } from '../fields.ts';
import { chatMessages, writeChatMessages } from './chat-message.ts';
import type { TrainingFormat } from './training-format.ts';

const schema = z
  .object({ messages: chatMessages(z.string()), tools: z.array(z.looseObject({})).optional() })
  .superRefine((row, context) => {
    const messages = row.messages as JsonObject[];
    const issue = (path: (string | number)[], message: string): void => context.addIssue({ code: 'custom', path: ['messages', ...path], message });
    if (!messages.some(({ role }) => role === 'user')) issue([], 'has no message of a user');
    if (messages.at(-1)?.role !== 'assistant') issue([Math.max(0, messages.length - 1), 'role'], 'ends the conversation; the last message must be the assistant’s');
    const calls = new Set<unknown>();
    for (const [index, message] of messages.entries()) {
      for (const call of (message.tool_calls ?? []) as JsonObject[]) calls.add(call.id);
      if (message.role === 'tool' && !calls.has(message.tool_call_id)) issue([index, 'tool_call_id'], 'names no call of an earlier message');
    }
  });

export const openai: TrainingFormat = {
  title: 'OpenAI chat: {messages} as its fine-tuning takes them',
  schema,
  write({ messages, metadata }) {
    const tools = parsedCell(metadata.tools);
    const written = writeChatMessages(messages, { argumentsAsText: true }).map((message, index) => {
      const weight = messages[index]!.extra?.weight;
      return weight === undefined ? message : { ...message, weight };
    });
    return [{ messages: written, ...(Array.isArray(tools) && tools.length > 0 ? { tools } : {}) }];
  },
};
