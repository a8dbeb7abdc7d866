import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { looksLikeConversation, readConversation } from '../../formats/read-conversation.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonObject } from '../../pipeline/json.ts';

const SPOKEN = [
  { role: 'user', content: 'Why?' },
  { role: 'assistant', content: 'Because.' },
];

const fault = (record: JsonObject): SyngraphError => {
  try {
    readConversation(record);
  } catch (error) {
    assert.ok(error instanceof SyngraphError && error.code === 'CONVERSATION_INVALID', String(error));
    return error;
  }
  return assert.fail('it was read');
};

describe('readConversation', () => {
  const layouts: Record<string, JsonObject> = {
    'a conversation of roles and contents': { conversation: SPOKEN },
    'messages': { messages: SPOKEN },
    'ShareGPT': { conversations: [{ from: 'human', value: 'Why?' }, { from: 'gpt', value: 'Because.' }] },
    'mappings of one key': { conversation: [{ user: 'Why?' }, { assistant: 'Because.' }] },
    'mappings of a question and its answer': { conversation: [{ user: 'Why?', assistant: 'Because.' }] },
    'a conversation as JSON text, as CSV has it': { conversation: JSON.stringify(SPOKEN) },
    'prompt and response': { prompt: 'Why?', response: 'Because.' },
    'instruction and output': { instruction: 'Why?', input: '', output: 'Because.' },
    'question and answer, capitalised': { Question: 'Why?', Answer: 'Because.' },
    'input and completion': { input: 'Why?', completion: 'Because.' },
    'an instruction whose words stand in its input': { instruction: '', input: 'Why?', output: 'Because.' },
    'prompt and completion as lists of messages': { prompt: SPOKEN.slice(0, 1), completion: SPOKEN.slice(1) },
  };
  for (const [name, record] of Object.entries(layouts)) {
    test(`recognises ${name}`, () => {
      const { id, messages, rejected } = readConversation({ ...record, id: 7 });
      assert.deepEqual({ id, messages, rejected }, { id: '7', messages: SPOKEN, rejected: undefined });
    });
  }

  const pairs: Record<string, JsonObject> = {
    'a prompt and two answers as texts': { prompt: 'Why?', chosen: 'Because.', rejected: 'No.' },
    'a prompt and two answers as messages': { prompt: SPOKEN.slice(0, 1), chosen: SPOKEN.slice(1), rejected: [{ role: 'assistant', content: 'No.' }] },
    'two answers that begin with the prompt': { prompt: 'Why?', messages: SPOKEN, chosen: SPOKEN, rejected: [SPOKEN[0]!, { role: 'assistant', content: 'No.' }] },
    'two transcripts': { chosen: '\n\nHuman: Why?\n\nAssistant: Because.', rejected: '\n\nHuman: Why?\n\nAssistant: No.' },
    'a conversation and two answers': { conversation: SPOKEN, chosen: 'Because.', rejected: 'No.' },
    'an answer of SyGra with both sides': { conversation: [SPOKEN[0]!, { role: 'assistant', chosen: ['Because.'], rejected: ['No.'] }] },
  };
  for (const [name, record] of Object.entries(pairs)) {
    test(`recognises ${name}`, () => {
      assert.deepEqual(readConversation(record), {
        id: null,
        messages: SPOKEN,
        rejected: [{ at: 1, length: 1, messages: [{ role: 'assistant', content: 'No.' }] }],
        metadata: {},
      });
    });
  }

  test('joins an instruction and its input, after the turns of the history', () => {
    const { messages } = readConversation({ instruction: 'Sum up:', input: 'A text.', output: 'T.', history: [['Hi', 'Hello']], system: 'Be kind.' });
    assert.deepEqual(messages.map(({ role, content }) => [role, content]), [
      ['system', 'Be kind.'], ['user', 'Hi'], ['assistant', 'Hello'], ['user', 'Sum up:\nA text.'], ['assistant', 'T.'],
    ]);
  });

  test('moves a rejected answer behind the system’s words', () => {
    const { messages, rejected } = readConversation({ system: 'Be kind.', prompt: 'Why?', chosen: 'Because.', rejected: 'No.' });
    assert.equal(messages[rejected![0]!.at]?.content, 'Because.');
  });

  test('takes a text for an answer, and a number for a text', () => {
    assert.deepEqual(readConversation({ text: 'Once.' }).messages, [{ role: 'assistant', content: 'Once.' }]);
    assert.deepEqual(readConversation({ question: '1 + 1', answer: 2 }).messages.at(-1)?.content, '2');
  });

  test('reads calls of tools in both layouts', () => {
    const call = { id: 'c1', type: 'function', function: { name: 'add', arguments: '{"a":1}' } };
    const chat = readConversation({ messages: [SPOKEN[0]!, { role: 'assistant', content: null, tool_calls: [call] }, { role: 'tool', content: '2', tool_call_id: 'c1' }] });
    assert.deepEqual(chat.messages.slice(1), [
      { role: 'assistant', content: '', toolCalls: [{ id: 'c1', name: 'add', arguments: { a: 1 } }] },
      { role: 'tool', content: '2', toolCallId: 'c1' },
    ]);
    const spoken = readConversation({ conversations: [{ from: 'human', value: 'x' }, { from: 'function_call', value: '{"name":"add","arguments":{"a":1}}' }, { from: 'observation', value: '2' }] });
    assert.deepEqual(spoken.messages[1], { role: 'assistant', content: '', toolCalls: [{ name: 'add', arguments: { a: 1 } }] });
  });

  test('keeps the other fields, and what stands beside a message', () => {
    const { metadata, messages } = readConversation({ id: 'a', messages: [{ role: 'user', content: 'x', weight: 0 }, SPOKEN[1]!], taxonomy: [], score: 3 });
    assert.deepEqual(metadata, { taxonomy: [], score: 3 });
    assert.deepEqual(messages[0]?.extra, { weight: 0 });
  });

  test('names what it looked for where it finds nothing', () => {
    const { message, nextStep } = fault({ title: 'x', score: 1 });
    for (const name of ['title, score', 'conversation', 'messages', 'chosen and rejected', 'prompt', 'response', 'text', 'message_id']) assert.ok(message.includes(name), message);
    assert.ok(nextStep?.includes('output_map'));
    assert.match(fault({ prompt: 'Why?' }).message, /"prompt" has no answer beside it/);
    assert.match(fault({}).message, /it has no fields/);
    assert.match(fault({ message_id: 'a', parent_id: null, role: 'user', content: 'x' }).message, /one message of an OASST tree/);
  });

  test('names the field that is wrong', () => {
    const cases: [JsonObject, string][] = [
      [{ messages: [] }, 'messages'],
      [{ messages: [SPOKEN[0]!, 'Hello'] }, 'messages[1]'],
      [{ messages: [{ role: 'queen', content: 'x' }] }, 'messages[0].role'],
      [{ messages: [{ role: 'user' }] }, 'messages[0].content'],
      [{ messages: [{ role: 'user', content: 3 }] }, 'messages[0].content'],
      [{ conversations: [{ from: 'human', value: null }] }, 'conversations[0].content'],
      [{ messages: [{ a: 1 }] }, 'messages[0]'],
      [{ prompt: 'x', response: { a: 1 } }, 'response'],
      [{ instruction: 'x', output: 'y', history: [['a']] }, 'history[0]'],
      [{ chosen: 'a', rejected: 'b' }, 'chosen and rejected'],
      [{ prompt: 'x', chosen: 'a', rejected: 4 }, 'rejected'],
      [{ messages: [{ role: 'assistant', tool_calls: [{ id: 'x' }] }] }, 'messages[0].tool_calls[0]'],
    ];
    for (const [record, field] of cases) assert.equal(fault(record).details.field, field, JSON.stringify(record));
  });

  test('either reads whatever JSON comes, or says what is wrong with it', () => {
    const name = fc.constantFrom('conversation', 'messages', 'conversations', 'prompt', 'response', 'chosen', 'rejected', 'text', 'instruction', 'input', 'history', 'id', 'system');
    const message = fc.dictionary(fc.constantFrom('role', 'from', 'content', 'value', 'user', 'tool_calls', 'chosen', 'rejected'), fc.oneof(fc.constantFrom('user', 'assistant', 'gpt'), fc.jsonValue({ maxDepth: 2 })));
    const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.string(), fc.array(message, { maxLength: 3 }), fc.array(message, { maxLength: 3 }).map((list) => JSON.stringify(list)));
    fc.assert(
      fc.property(fc.dictionary(name, value, { maxKeys: 5 }), (record) => {
        try {
          const { messages, rejected = [] } = readConversation(record as JsonObject);
          assert.ok(messages.length > 0);
          for (const { at, length, messages: others } of rejected) assert.ok(at >= 0 && length > 0 && at + length <= messages.length && others.length > 0);
        } catch (error) {
          assert.ok(error instanceof SyngraphError && error.code === 'CONVERSATION_INVALID', String(error));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('names alone tell what cannot be a conversation', () => {
    assert.ok(looksLikeConversation(['id', 'Question', 'answer']));
    assert.ok(looksLikeConversation(['conversation']));
    assert.ok(!looksLikeConversation(['id', 'question', 'score']));
  });
});
