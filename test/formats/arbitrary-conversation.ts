import fc from 'fast-check';
import type { Conversation, Message } from '../../formats/conversation.ts';

/** Words as data has them: blanks, brackets, line breaks, other scripts. */
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });

const turn = fc.tuple(text, text).map(([question, answer]): Message[] => [{ role: 'user', content: question }, { role: 'assistant', content: answer }]);

/** Turns of user and assistant by twos, which every format can hold. */
export const plainConversation: fc.Arbitrary<Conversation> = fc
  .record({ id: fc.option(text), system: fc.option(text), turns: fc.array(turn, { minLength: 1, maxLength: 4 }) })
  .map(({ id, system, turns }) => ({
    id,
    messages: [...(system === null ? [] : [{ role: 'system' as const, content: system }]), ...turns.flat()],
    metadata: {},
  }));

/** The last answer, or every answer, was preferred to another one. */
export const preferenceConversation: fc.Arbitrary<Conversation> = fc
  .record({ conversation: plainConversation, other: text, everywhere: fc.boolean() })
  .map(({ conversation, other, everywhere }) => {
    const answers = conversation.messages.flatMap(({ role }, at) => (role === 'assistant' ? [at] : []));
    const places = everywhere ? answers : answers.slice(-1);
    const rejected = places.map((at) => ({ at, length: 1, messages: [{ role: 'assistant' as const, content: `not ${other}` }] }));
    const messages = conversation.messages.map((message) => (message.role === 'assistant' ? { ...message, content: `so ${message.content as string}` } : message));
    return { ...conversation, messages, rejected };
  });

const toolTurn = fc.record({ question: text, name: fc.constantFrom('add', 'look_up'), given: fc.dictionary(fc.constantFrom('a', 'b'), fc.oneof(fc.integer(), text), { noNullPrototype: true }), result: text, answer: text }).map(
  ({ question, name, given, result, answer }): Message[] => [
    { role: 'user', content: question },
    { role: 'assistant', content: '', toolCalls: [{ name, arguments: given }] },
    { role: 'tool', content: result },
    { role: 'assistant', content: answer },
  ],
);

export const toolConversation: fc.Arbitrary<Conversation> = fc.array(toolTurn, { minLength: 1, maxLength: 3 }).map((turns) => ({ id: 'tools', messages: turns.flat(), metadata: {} }));
