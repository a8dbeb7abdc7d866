import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { checkRow } from '../../formats/check-row.ts';
import type { Conversation, Message } from '../../formats/conversation.ts';
import { readRecord } from '../../formats/group-records.ts';
import { TRAINING_FORMATS, type TrainingFormatName } from '../../formats/training-formats.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import { plainConversation, preferenceConversation, toolConversation } from './arbitrary-conversation.ts';

const write = (format: TrainingFormatName, conversation: Conversation): JsonObject[] => {
  const rows = TRAINING_FORMATS[format].write(conversation, {});
  rows.forEach((row, index) => checkRow(row, { format, number: index + 1 }));
  return JSON.parse(JSON.stringify(rows)) as JsonObject[];
};

const bare = (messages: readonly Message[]): unknown[] => messages.map(({ role, content, toolCalls }) => ({ role, content, calls: toolCalls?.map(({ name, arguments: given }) => [name, given]) }));

const WHY: Conversation = {
  id: '602',
  messages: [
    { role: 'user', content: 'Wie? 🎈' },
    { role: 'assistant', content: 'So  ist\nes.' },
  ],
  metadata: { taxonomy: [{ category: 'Coding', subcategory: '' }], annotation_type: ['large'], language: 'de', tags: ['mbpp'] },
};

const spoken = (messages: readonly Message[]): string => messages.map(({ content }) => content as string).join('');

describe('every format', () => {
  for (const format of ['oasst-sft', 'sharegpt', 'openai', 'alpaca', 'trl-messages'] as const) {
    test(`${format} gives back the messages that were written`, () => {
      fc.assert(
        fc.property(plainConversation, (conversation) => {
          const [read, ...others] = readRecord(write(format, conversation));
          assert.equal(others.length, 0);
          assert.deepEqual(bare(read!.messages), bare(conversation.messages));
        }),
      );
    });
  }

  for (const format of ['sharegpt', 'openai', 'trl-messages'] as const) {
    test(`${format} gives back calls of tools`, () => {
      fc.assert(fc.property(toolConversation, (conversation) => assert.deepEqual(bare(readRecord(write(format, conversation))[0]!.messages), bare(conversation.messages))));
    });
  }

  test('oasst-dpo gives back what was rejected', () => {
    fc.assert(
      fc.property(preferenceConversation, (conversation) => {
        const [read] = readRecord(write('oasst-dpo', conversation));
        assert.deepEqual(bare(read!.messages), bare(conversation.messages));
        assert.deepEqual(read!.rejected, conversation.rejected);
      }),
    );
  });

  test('trl-preference has a row for every answer that was rejected', () => {
    fc.assert(
      fc.property(preferenceConversation, (conversation) => {
        const rows = write('trl-preference', conversation);
        assert.equal(rows.length, conversation.rejected!.length);
        rows.forEach((row, index) => {
          const [read] = readRecord([row]);
          const { at, messages } = conversation.rejected![index]!;
          assert.deepEqual(bare(read!.messages), bare(conversation.messages.slice(0, at + 1)));
          assert.deepEqual(read!.rejected, [{ at, length: 1, messages }]);
        });
      }),
    );
  });

  test('writes nothing that its own schema refuses, and mapping twice gives the same', () => {
    fc.assert(
      fc.property(preferenceConversation, fc.constantFrom(...(Object.keys(TRAINING_FORMATS) as TrainingFormatName[])), (conversation, format) => {
        assert.deepEqual(write(format, conversation), write(format, structuredClone(conversation)));
      }),
    );
  });
});

describe('OASST rows', () => {
  test('have SyGra’s fields, and hang from each other', () => {
    const [question, answer] = write('oasst-sft', WHY);
    assert.deepEqual(Object.keys(question!), [
      'conversation_id', 'message_id', 'parent_id', 'root_message_id', 'message_level', 'role', 'content', 'languages', 'categories', 'subcategories',
      'generated_by', 'quality', 'safety', 'length', 'instruction_tags', 'data_characteristics', 'tags', 'metainfo', 'created_at', 'updated_at', 'active',
    ]);
    assert.match(question!.conversation_id as string, /^conv_[0-9a-f]{16}$/);
    assert.match(question!.message_id as string, /^msg_1_[0-9a-f]{16}$/);
    assert.deepEqual([question!.parent_id, answer!.parent_id, answer!.root_message_id], [null, question!.message_id, question!.message_id]);
    assert.deepEqual([answer!.message_level, answer!.role, answer!.content], [2, 'assistant', 'So  ist\nes.']);
    assert.deepEqual([question!.languages, question!.categories, question!.subcategories, question!.tags], [['de'], ['Coding'], [], ['mbpp']]);
    assert.deepEqual(question!.metainfo, { source_id: '602', source_metadata: { annotation_type: ['large'] } });
    assert.deepEqual([question!.length, answer!.length], [{ char_count: 6, word_count: 2 }, { char_count: 11, word_count: 3 }]);
    assert.deepEqual([question!.quality, question!.safety], [{ __default__: true }, { __default__: true }]);
  });

  test('take the time of the record before that of the run', () => {
    const time = (metadata: JsonObject, createdAt: string | null): unknown => TRAINING_FORMATS['oasst-sft'].write({ ...WHY, metadata }, { createdAt })[0]?.created_at;
    assert.deepEqual([time({}, null), time({}, '2026-01-02T00:00:00Z'), time({ created_at: '2025' }, '2026')], [null, '2026-01-02T00:00:00Z', '2025']);
  });

  test('have a chosen and a rejected sibling with their scores', () => {
    const rows = write('oasst-dpo', {
      id: null,
      messages: [...WHY.messages, { role: 'user', content: 'And?' }, { role: 'assistant', content: 'Good.' }],
      rejected: [1, 3].map((at) => ({ at, length: 1, messages: [{ role: 'assistant', content: 'Bad.' }] })),
      metadata: { 'chosen_response_quality.help': 5, rejected_response_quality: { help: 1 } },
    });
    assert.deepEqual(rows.map(({ message_level, content }) => [message_level, content]), [[1, 'Wie? 🎈'], [2, 'So  ist\nes.'], [2, 'Bad.'], [3, 'And?'], [4, 'Good.'], [4, 'Bad.']]);
    assert.deepEqual(rows.map(({ quality }) => (quality as JsonObject).help), [undefined, 5, 1, undefined, 5, 1]);
    const parents = rows.map(({ parent_id }) => rows.findIndex(({ message_id }) => message_id === parent_id));
    assert.deepEqual(parents, [-1, 0, 0, 1, 3, 3]);
    assert.equal(new Set(rows.map(({ message_id }) => message_id)).size, 6);
  });

  test('of OpenAssistant are read by rank, and forks of users as conversations of their own', () => {
    const row = (id: string, parent: string | null, role: string, rank: number | null = null): JsonObject => ({ message_id: id, parent_id: parent, message_tree_id: 'a', role, text: id, lang: 'en', rank });
    const read = readRecord([row('a', null, 'prompter'), row('b', 'a', 'assistant', 1), row('c', 'a', 'assistant', 0), row('d', 'c', 'prompter'), row('e', 'c', 'prompter')]);
    assert.deepEqual(read.map(({ messages }) => spoken(messages)), ['acd', 'ace']);
    assert.deepEqual(read[0]?.rejected, [{ at: 1, length: 1, messages: [{ role: 'assistant', content: 'b' }] }]);
    const unranked = readRecord([row('a', null, 'prompter'), row('b', 'a', 'assistant'), row('c', 'a', 'assistant')]);
    assert.deepEqual(unranked.map(({ messages, rejected }) => [spoken(messages), rejected]), [['ab', undefined], ['ac', undefined]]);
  });

  test('of SyGra for DPO are read though their parents are no rows', () => {
    const row = (id: string, parent: string | null, level: number, role: string): JsonObject => ({ conversation_id: '7', message_id: id, parent_id: parent, message_level: level, role, content: id });
    const [read, ...others] = readRecord([row('q', null, 1, 'user'), row('good', 'q', 2, 'assistant'), row('bad', 'q', 2, 'assistant'), row('more', 'gone', 3, 'user')]);
    assert.equal(others.length, 0);
    assert.deepEqual(read?.messages.map(({ content }) => content), ['q', 'good', 'more']);
    assert.equal(read?.rejected?.[0]?.messages[0]?.content, 'bad');
  });

  test('without root, with a lost parent or in a circle are refused', () => {
    const row = (id: string, parent: string | null): JsonObject => ({ conversation_id: '7', message_id: id, parent_id: parent, role: 'user', content: id });
    for (const rows of [[row('a', 'b')], [row('a', null), row('b', 'x')], [row('a', null), row('b', 'c'), row('c', 'b')], [row('a', null), row('a', 'a')]]) {
      assert.throws(() => readRecord(rows), { code: 'CONVERSATION_INVALID', details: { field: 'parent_id' } });
    }
  });
});

describe('what a format cannot hold', () => {
  const saidBy = (...roles: Message['role'][]): Conversation => ({ id: null, messages: roles.map((role) => ({ role, content: 'x' })), metadata: {} });
  const cases: [TrainingFormatName, Conversation, RegExp][] = [
    ['sharegpt', saidBy('user', 'user', 'assistant'), /sharegpt row 1, conversations\[1\]\.from is human/],
    ['sharegpt', saidBy('user', 'assistant', 'user'), /conversations\[2\]\.from/],
    ['sharegpt', saidBy('assistant'), /sharegpt row 1, conversations/],
    ['alpaca', saidBy('user', 'tool', 'assistant'), /messages\[1\]\.role is tool/],
    ['alpaca', saidBy('user'), /messages ends without an answer/],
    ['openai', saidBy('user', 'assistant', 'user'), /openai row 1, messages\[2\]\.role/],
    ['openai', saidBy('assistant'), /openai row 1, messages has no message of a user/],
    ['openai', saidBy('user', 'tool', 'assistant'), /messages\[1\]\.tool_call_id/],
    ['trl-messages', saidBy('user'), /has no message of the role assistant/],
    ['trl-preference', saidBy('user', 'assistant'), /rejected is missing/],
    ['oasst-dpo', saidBy('user', 'assistant'), /rejected is missing/],
    ['trl-preference', { ...saidBy('user', 'assistant'), rejected: [{ at: 1, length: 1, messages: [{ role: 'assistant', content: 'x' }] }] }, /trl-preference row 1, rejected is the same as chosen/],
    ['oasst-sft', { id: null, messages: [{ role: 'user', content: [{ type: 'image_url' }] }], metadata: {} }, /messages\[0\]\.content\[0\] is a part of the type "image_url"/],
    ['oasst-sft', { id: null, messages: [{ role: 'assistant', content: '', toolCalls: [{ name: 'add', arguments: {} }] }], metadata: {} }, /tool_calls cannot be held/],
  ];
  for (const [format, conversation, message] of cases) {
    test(`${format} refuses: ${message.source}`, () => {
      assert.throws(() => write(format, conversation), { code: 'CONVERSATION_INVALID', message });
    });
  }

  test('a row of a file is checked by its number and field', () => {
    assert.throws(() => checkRow({ instruction: 'x', input: 3, output: 'y' }, { format: 'alpaca', number: 12 }), { message: /^alpaca row 12, input is wrong: expected string/ });
    assert.throws(() => checkRow({ messages: [{ role: 'king', content: 'x' }] }, { format: 'openai', number: 2 }), { message: /^openai row 2, messages\[0\]\.role is wrong/ });
  });
});
