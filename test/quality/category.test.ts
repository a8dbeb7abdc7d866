import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { ConversationView, type ViewedMessage } from '../../quality/conversation-view.ts';
import { categoryOf } from '../../quality/category-of.ts';
import { CATEGORIES, tellCategory, type Category } from '../../quality/index.ts';
import { findCategory } from '../../recipes/quality_judge/task_executor.ts';

interface Labelled {
  category: Category;
  request: string;
  answer: string;
}

const labelled = readLabelled('categories-labelled.jsonl');
const fresh = readLabelled('categories-fresh.jsonl');

function readLabelled(name: string): Labelled[] {
  const text = readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8');
  return text.trim().split('\n').map((line) => JSON.parse(line) as Labelled);
}

const view = (...texts: string[]): ConversationView =>
  new ConversationView(texts.map((text, index): ViewedMessage => ({ role: index % 2 === 0 ? 'user' : 'assistant', text, hasMore: false, finishReason: null })));

const shareRight = (examples: readonly Labelled[]): number =>
  examples.filter(({ category, request, answer }) => categoryOf(view(request, answer)).category === category).length / examples.length;

describe('the category of a conversation', () => {
  it(`is told rightly of at least 95 % of ${labelled.length} labelled conversations that the rules were written with`, () => {
    assert.ok(shareRight(labelled) >= 0.95, String(shareRight(labelled)));
  });

  it(`is told rightly of at least 85 % of ${fresh.length} conversations that were written when the rules stood`, () => {
    assert.ok(shareRight(fresh) >= 0.85, String(shareRight(fresh)));
  });

  it('is said to be sure in most of them, and wrongly in at most one of 25', () => {
    const told = fresh.map(({ category, request, answer }) => ({ category, told: tellCategory({ earlier: '', request, answer }) }));
    const sure = told.filter(({ told: { isSure } }) => isSure);
    assert.ok(sure.length / told.length >= 0.75);
    assert.ok(sure.filter((example) => example.told.category !== example.category).length / sure.length <= 0.04);
  });

  it('is the same for a quality node and for the recipe that judges', () => {
    for (const { request, answer } of [...labelled, ...fresh]) {
      const { category, isSure } = categoryOf(view(request, answer));
      const conversation = [{ role: 'user', content: request }, { role: 'assistant', content: answer }];
      assert.deepEqual(findCategory({}, { conversation }), { judge_category: isSure ? category : null, judge_category_by: isSure ? 'rules' : 'model' });
    }
  });

  it('is that of the last answered request, whatever was said before', () => {
    assert.equal(categoryOf(view('Write a Python function that adds.', '```python\nadd\n```', 'Who wrote Faust?', 'Goethe.')).category, 'open_qa');
    assert.equal(categoryOf(view('Who wrote Faust?', 'Goethe.', 'Write a Python function that adds.')).category, 'open_qa');
  });

  it('is one of the seven for any text, also where there is none', () => {
    assert.deepEqual(categoryOf(view()), { category: 'generic', signals: [], isSure: false });
    fc.assert(fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 300 })), (texts) => CATEGORIES.includes(categoryOf(view(...texts)).category)));
  });

  it('is told of texts that were made to keep patterns busy', () => {
    for (const part of ['if,', 'a_', 'all a ', '1+', '"', 'A ', 'for x in ', 'write ', 'a. ', '? ', '<a', ' \n', 'read this ', '=', '((']) {
      assert.ok(CATEGORIES.includes(tellCategory({ earlier: '', request: part.repeat(50_000), answer: part.repeat(50_000) }).category));
    }
  });
});
