import { z } from 'zod';
import { conversationFault } from '../conversation-fault.ts';
import { messageText, splitSystem } from './message-text.ts';
import type { TrainingFormat } from './training-format.ts';

const schema = z.object({
  instruction: z.string().min(1),
  input: z.string(),
  output: z.string().min(1),
  system: z.string().optional(),
  history: z.array(z.tuple([z.string(), z.string()])).optional(),
});

/** Turns by twos; the last pair is what is learnt, those before are its history. */
export const alpaca: TrainingFormat = {
  title: 'Alpaca: instruction, input, output, with system and history (LLaMA-Factory)',
  schema,
  write({ messages }) {
    const { system, turns } = splitSystem(messages);
    const shift = messages.length - turns.length;
    const texts = turns.map((message, index) => {
      const field = `messages[${index + shift}]`;
      const wanted = index % 2 === 0 ? 'user' : 'assistant';
      if (message.role !== wanted || message.toolCalls !== undefined) {
        const what = message.toolCalls === undefined ? `is ${message.role}` : 'calls tools';
        throw conversationFault({ field: `${field}.role`, message: `${what}; Alpaca holds pairs of user and assistant, and here it is the turn of ${wanted}`, nextStep: 'Write sharegpt, openai or trl-messages.' });
      }
      return messageText(message, `${field}.content`);
    });
    if (texts.length === 0 || texts.length % 2 === 1) {
      throw conversationFault({ field: 'messages', message: 'ends without an answer; Alpaca holds pairs of user and assistant' });
    }
    const history = Array.from({ length: texts.length / 2 - 1 }, (_, pair) => [texts[2 * pair]!, texts[2 * pair + 1]!]);
    return [
      {
        instruction: texts.at(-2)!,
        input: '',
        output: texts.at(-1)!,
        ...(system === null ? {} : { system: messageText(system, 'messages[0].content') }),
        ...(history.length === 0 ? {} : { history }),
      },
    ];
  },
};
