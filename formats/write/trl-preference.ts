import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { JsonObject } from '../../pipeline/json.ts';
import { conversationFault } from '../conversation-fault.ts';
import { chatMessages, writeChatMessages } from './chat-message.ts';
import type { TrainingFormat } from './training-format.ts';

const messages = chatMessages(z.unknown());
const schema = z.object({ prompt: messages, chosen: messages, rejected: messages }).superRefine((row, context) => {
  const { prompt, chosen, rejected } = row as Record<'prompt' | 'chosen' | 'rejected', JsonObject[]>;
  const issue = (path: (string | number)[], message: string): void => context.addIssue({ code: 'custom', path, message });
  if (prompt.length === 0) issue(['prompt'], 'is empty');
  else if (prompt.at(-1)?.role === 'assistant' || prompt.at(-1)?.role === 'system') issue(['prompt', prompt.length - 1, 'role'], 'ends the prompt; its last message must be a user’s or a tool’s');
  for (const [name, answer] of Object.entries({ chosen, rejected })) if (answer[0]?.role !== 'assistant') issue([name, 0, 'role'], 'begins an answer; its first message must be the assistant’s');
  if (isDeepStrictEqual(chosen, rejected)) issue(['rejected'], 'is the same as chosen');
});

/** One row for every answer that was rejected; the prompt is all that stood before it. */
export const trlPreference: TrainingFormat = {
  title: 'TRL: {prompt, chosen, rejected} for DPOTrainer and RewardTrainer',
  schema,
  write(conversation) {
    const { rejected = [] } = conversation;
    if (rejected.length === 0) throw conversationFault({ field: 'rejected', message: 'is missing: the conversation has no answer that was rejected', nextStep: 'Write trl-messages, or add chosen and rejected.' });
    const style = { argumentsAsText: false };
    const written = (list: typeof conversation.messages): JsonObject[] => writeChatMessages(list, style);
    return rejected.map(({ at, length, messages: other }) => ({
      prompt: written(conversation.messages.slice(0, at)),
      chosen: written(conversation.messages.slice(at, at + length)),
      rejected: written(other),
    }));
  },
};
