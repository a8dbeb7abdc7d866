import { z } from 'zod';
import type { JsonObject } from '../../pipeline/json.ts';
import { parsedCell } from '../fields.ts';
import { chatMessages, writeChatMessages } from './chat-message.ts';
import type { TrainingFormat } from './training-format.ts';

const schema = z
  .object({ messages: chatMessages(z.unknown()), tools: z.array(z.looseObject({})).optional() })
  .superRefine((row, context) => {
    const messages = row.messages as JsonObject[];
    for (const role of ['user', 'assistant']) {
      if (!messages.some((message) => message.role === role)) context.addIssue({ code: 'custom', path: ['messages'], message: `has no message of the role ${role}` });
    }
  });

export const trlMessages: TrainingFormat = {
  title: 'TRL: {messages} for SFTTrainer',
  schema,
  write({ messages, metadata }) {
    const tools = parsedCell(metadata.tools);
    return [{ messages: writeChatMessages(messages, { argumentsAsText: false }), ...(Array.isArray(tools) && tools.length > 0 ? { tools } : {}) }];
  },
};
