import assert from 'node:assert/strict';
import { it } from 'node:test';
import { removeThinking } from '../../../../activities/nodes/llm/remove-thinking.ts';

it('takes thinking out of an answer, whichever end of it is there', () => {
  assert.deepEqual(removeThinking('plain'), { text: 'plain', thinking: null });
  assert.deepEqual(removeThinking('<think>hm</think>\n\nYes'), { text: 'Yes', thinking: 'hm' });
  assert.deepEqual(removeThinking('hm, well</think>Yes'), { text: 'Yes', thinking: 'hm, well' });
  assert.deepEqual(removeThinking('<think>a</think>One <think>b</think>two'), { text: 'One two', thinking: 'a\nb' });
  assert.deepEqual(removeThinking('<think>cut off before'), { text: '', thinking: 'cut off before' });
});
