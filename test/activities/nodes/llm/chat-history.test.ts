import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withChatHistory } from '../../../../activities/nodes/llm/chat-history.ts';
import { instruct } from '../../../../activities/nodes/llm/structured/instruct.ts';
import type { ChatMessage } from '../../../../activities/models/model-client.ts';
import type { JsonObject } from '../../../../pipeline/json.ts';
import type { AskingNodePlanBase, ChatPlan } from '../../../../pipeline/plan.ts';

const PROMPT: ChatMessage[] = [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'And now?' }];

function sent(history: JsonObject[], chat: ChatPlan, state: JsonObject = {}): ChatMessage[] {
  const node = { name: 'second', chat } as AskingNodePlanBase;
  return withChatHistory({ node, state: { ...state, __chat_history__: history }, messages: PROMPT });
}

const turn = (number: number): JsonObject => ({ name: 'first', request: [{ role: 'user', content: `Q${number}` }], response: `A${number}` });

describe('chat history', () => {
  it('goes between the system message and the prompt as messages of its own', () => {
    const messages = sent([turn(1), turn(2), turn(3)], { history: true, conversation: 'multiturn', window: 2 });
    assert.deepEqual(messages.map(({ role, content }) => `${role}: ${JSON.stringify(content)}`), ['system: "Be brief."', 'user: "Q2"', 'assistant: "A2"', 'user: "Q3"', 'assistant: "A3"', 'user: "And now?"']);
  });

  it('takes messages that a helper has put there, from a question on', () => {
    const messages = sent([{ role: 'assistant', content: 'cut' }, { role: 'user', content: 'Why?' }, { role: 'assistant', content: 'So.' }], { history: true, conversation: 'multiturn', window: 5 });
    assert.deepEqual(messages.slice(1, -1), [{ role: 'user', content: 'Why?' }, { role: 'assistant', content: 'So.' }]);
  });

  it('is told in one message with the speakers named', () => {
    const [system, told, ...rest] = sent([turn(1), turn(2)], { history: true, conversation: 'singleturn', window: 1 }, { _agent_name: 'Ada' });
    assert.deepEqual([system, rest], [PROMPT[0], []]);
    assert.match(JSON.stringify(told?.content), /Organizer: Q1\\nfirst: A2\\n.*speak as Ada/);
  });

  it('is kept, not sent, where the graph names no conversation', () => {
    assert.deepEqual(sent([turn(1)], { history: true, conversation: null, window: 5 }), PROMPT);
  });
});

describe('a structure that is asked for in words', () => {
  it('stands behind the last message of the user', () => {
    const request = { messages: PROMPT, parameters: {} };
    const asked = instruct(request, { type: 'object' }).messages;
    assert.equal(asked.length, 2);
    assert.match(JSON.stringify(asked[1]?.content), /^"And now\?\\n\\n.*JSON object.*\\n\{\\"type\\":\\"object\\"\}"$/);
    const parts = instruct({ messages: [{ role: 'user', content: [{ type: 'text', text: 'Look' }] }], parameters: {} }, null).messages;
    assert.equal((parts[0]?.content as unknown[]).length, 2);
    assert.equal(instruct({ messages: [{ role: 'assistant', content: 'x' }], parameters: {} }, null).messages.at(-1)?.role, 'user');
  });
});
