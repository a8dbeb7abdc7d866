import { z } from 'zod';
import type { JsonObject } from '../../pipeline/json.ts';
import { conversationId } from '../conversation-id.ts';
import type { Message } from '../conversation.ts';
import { messageText } from './message-text.ts';
import type { TrainingFormat } from './training-format.ts';

const SPEAKERS = { system: 'system', user: 'human', assistant: 'gpt', tool: 'observation' } as const;

/** Trainers take turns by their position: what is asked stands at even places, answers at odd ones. */
const schema = z
  .object({
    id: z.string(),
    conversations: z.array(z.object({ from: z.enum(['system', 'human', 'gpt', 'function_call', 'observation']), value: z.string() })).min(2),
    tools: z.string().optional(),
  })
  .superRefine(({ conversations }, context) => {
    const shift = conversations[0]?.from === 'system' ? 1 : 0;
    for (const [index, { from }] of conversations.entries()) {
      if (index < shift) continue;
      const wanted = (index - shift) % 2 === 0 ? ['human', 'observation'] : ['gpt', 'function_call'];
      if (!wanted.includes(from)) context.addIssue({ code: 'custom', path: ['conversations', index, 'from'], message: `is ${from}; here the turn is of ${wanted.join(' or ')}` });
    }
    if ((conversations.length - shift) % 2 === 1) context.addIssue({ code: 'custom', path: ['conversations', conversations.length - 1, 'from'], message: 'ends the conversation; the last turn must be an answer' });
  });

export const sharegpt: TrainingFormat = {
  title: 'ShareGPT: conversations of {from, value} (LLaMA-Factory, Axolotl, FastChat)',
  schema,
  write(conversation) {
    const { id, messages, metadata } = conversation;
    const tools = metadata.tools;
    return [
      {
        id: id ?? conversationId(conversation),
        conversations: messages.flatMap((message, index) => turns(message, `messages[${index}].content`)),
        ...(tools === undefined || tools === null ? {} : { tools: typeof tools === 'string' ? tools : JSON.stringify(tools) }),
      },
    ];
  },
};

/** Calls of tools are a turn of their own, which holds them as JSON text. */
function turns(message: Message, field: string): JsonObject[] {
  const text = messageText(message, field);
  const calls = message.toolCalls?.map(({ name, arguments: given }) => ({ name, arguments: given }));
  if (calls === undefined) return [{ from: SPEAKERS[message.role], value: text }];
  const call = { from: 'function_call', value: JSON.stringify(calls.length === 1 ? calls[0] : calls) };
  return text === '' ? [call] : [{ from: 'gpt', value: text }, call];
}

