import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { QUALITY_RULE_DEFAULTS, type QualityRulesPlan } from '../../pipeline/quality-rules.ts';
import { assessConversation, type Assessment } from '../../quality/assess-conversation.ts';
import { ContaminationIndexBuilder } from '../../quality/contamination-index.ts';
import type { ViewedMessage } from '../../quality/conversation-view.ts';
import type { IdentifiedLanguage } from '../../quality/rule.ts';
import { repeatedNgrams } from '../../quality/repeated-ngrams.ts';

const ENGLISH: IdentifiedLanguage = { language: 'en', confidence: 0.99 };

function turns(...texts: string[]): ViewedMessage[] {
  return texts.map((text, index) => ({ role: index % 2 === 0 ? 'user' : 'assistant', text, hasMore: false, finishReason: null }));
}

function assess(messages: ViewedMessage[], rules: QualityRulesPlan, identify = (_text: string): IdentifiedLanguage | null => ENGLISH): Assessment {
  return assessConversation(messages, rules, { countTokens: (text) => text.split(' ').length, countChat: null, identifyLanguage: identify, scoreToxicity: () => 0.1, contaminationIndex: () => new ContaminationIndexBuilder({ size: 13, leastWords: 8 }).finish() });
}

const only = <Name extends keyof QualityRulesPlan>(name: Name, settings: object = {}): QualityRulesPlan => ({ [name]: { ...QUALITY_RULE_DEFAULTS[name], ...settings } });

const reasons = ({ rejections }: Assessment): string[] => rejections.map(({ reason }) => reason);

describe('the rules together', () => {
  it('leave tags as section 4.3 has them, and say who rejects and why', () => {
    const { tags } = assess(turns('Where is it?', 'There.'), { ...only('language_tagging'), ...only('conversation_length', { minTurns: 3 }), ...only('metadata_tagging'), ...only('lexical_diversity') });
    assert.deepEqual(tags, {
      language: { detected: 'en', confidence: 0.99 },
      conversation_stats: { turn_count: 2, avg_turn_length: 9, role_distribution: { user: 0.5, assistant: 0.5 }, special_tokens: { code_blocks: 0, math_symbols: 0, citations: 0 } },
      lexical_richness: { ttr_score: 1, mtld_score: 4 },
      passed: false,
      rejections: [{ rule: 'conversation_length', reason: '2 turns; 3 to 20 are allowed' }],
    });
  });

  it('say something about any text, and the same each time', () => {
    const message = fc.record({ role: fc.constantFrom<ViewedMessage['role']>('system', 'user', 'assistant', 'tool'), text: fc.string({ unit: 'binary', maxLength: 300 }), hasMore: fc.boolean(), finishReason: fc.constant(null) });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 6 }), (messages) => {
        const assessment = assess(messages, QUALITY_RULE_DEFAULTS);
        assert.deepEqual(assess(messages, QUALITY_RULE_DEFAULTS), assessment);
        assert.equal(JSON.stringify(JSON.parse(JSON.stringify(assessment))), JSON.stringify(assessment));
      }),
      { numRuns: 40 },
    );
  });

  it('take time that grows with the text alone, whatever a stranger writes', () => {
    const unkind = ['a'.repeat(100_000), '`'.repeat(100_000), '1 '.repeat(100_000), '$x '.repeat(60_000), '+1-'.repeat(60_000), 'a@'.repeat(60_000), '- '.repeat(80_000), '1:'.repeat(60_000), '[1, '.repeat(40_000), 'I am sorry '.repeat(20_000), '\\frac '.repeat(30_000), '|--|'.repeat(40_000), 'if all '.repeat(30_000), 'how many '.repeat(20_000), 'DE12 '.repeat(40_000)];
    for (const text of unkind) assess(turns(text, text), QUALITY_RULE_DEFAULTS);
  });
});

describe('conversation_pretokenization', () => {
  it('counts the last message as target and the others as input', () => {
    const { tags } = assess(turns('one two', 'three', 'four', 'five six seven'), only('conversation_pretokenization'));
    assert.deepEqual(tags.tokens, { encoding: 'o200k_base', input_tokens: 4, target_tokens: 3 });
  });

  it('rejects what is too long where a limit is set', () => {
    assert.deepEqual(reasons(assess(turns('one two', 'three'), only('conversation_pretokenization', { maxTokens: 2 }))), ['3 tokens; 2 are allowed']);
    assert.deepEqual(reasons(assess(turns('one', 'two'), only('conversation_pretokenization', { maxTokens: 2 }))), []);
  });
});

describe('language_tagging', () => {
  const rules = only('language_tagging');

  it('rejects other languages, and a language that is told with too little confidence', () => {
    const as = (language: string, confidence: number): string[] => reasons(assess(turns('Some words in it', 'and some more'), rules, () => ({ language, confidence })));
    assert.deepEqual(as('en', 0.9), []);
    assert.deepEqual(as('en', 0.89), ['its language is en with a confidence of 89.0 %, below 90.0 %']);
    assert.deepEqual(as('de', 1), ['its language is de, not en']);
  });

  it('looks at prose alone, and asks less of conversations about code', () => {
    const seen: string[] = [];
    const conversation = turns('Please explain this function to me: `add`', '```js\nconst x = 1;\n```\nIt is a constant.');
    assert.deepEqual(reasons(assess(conversation, rules, (text) => (seen.push(text), { language: 'en', confidence: 0.6 }))), []);
    assert.deepEqual(seen, ['Please explain this function to me:  \nIt is a constant.']);
  });

  it('rejects nothing where hardly any letters are left', () => {
    const asked = (): never => assert.fail('there is no text to ask about');
    assert.deepEqual(assess(turns('2 + 2 = ?', '4'), rules, asked).tags.language, { detected: 'und', confidence: null });
    assert.deepEqual(assess(turns('```\nprint(1)\n```', '1'), rules, asked).tags.language, { detected: 'code', confidence: null });
  });
});

describe('conversation_length', () => {
  it('allows 2 to 20 turns, of users and assistants alone', () => {
    const length = (count: number): string[] => reasons(assess(turns(...Array.from({ length: count }, () => 'text')), only('conversation_length')));
    assert.deepEqual([1, 2, 20, 21].map((count) => length(count).length), [1, 0, 0, 1]);
    const withSystem = [{ role: 'system', text: 'Be kind.', hasMore: false, finishReason: null } as const, ...turns('Hello')];
    assert.deepEqual(reasons(assess(withSystem, only('conversation_length'))), ['1 turn; 2 to 20 are allowed']);
  });
});

describe('lexical_diversity', () => {
  it('rejects a type-token ratio below 0.30', () => {
    assert.deepEqual(reasons(assess(turns('the same words and the same words', 'the same words and the same words again '.repeat(4)), only('lexical_diversity'))), ['its type-token ratio is 0.128, below 0.3']);
    assert.deepEqual(reasons(assess(turns('', ''), only('lexical_diversity'))), []);
  });

  it('rejects a low MTLD only where a limit is set', () => {
    const conversation = turns('one two three four', 'one two three four five six');
    assert.equal(reasons(assess(conversation, only('lexical_diversity'))).length, 0);
    assert.equal(reasons(assess(conversation, only('lexical_diversity', { minMtld: 50 }))).length, 1);
  });
});

describe('data_characteristics', () => {
  const category = (...texts: string[]): unknown => (assess(turns(...texts), only('data_characteristics')).tags.data_characteristics as { category: string }).category;

  it('tells the seven categories apart', () => {
    assert.equal(category('Write a Python function that reverses a list.', '```python\ndef f(x): return x[::-1]\n```'), 'code_writing');
    assert.equal(category('Solve for x: 3x + 5 = 20.', 'We get 3x = 15, so x = 5.'), 'math_solving');
    assert.equal(category('Tom has 12 apples and gives 5 away. How many are left?', 'He has 7.'), 'math_solving');
    assert.equal(category('Passage: The Nile flows north.\nAccording to the passage, where does the Nile flow?', 'North.'), 'closed_qa');
    assert.equal(category('Write a poem of exactly 4 lines about rain. Do not use the word wet. Include a question. Avoid rhymes.', 'Clouds gather'), 'complex_instruction_following');
    assert.equal(category('If all birds can fly and a penguin is a bird, can we conclude that it flies?', 'Only if the premise holds.'), 'reasoning');
    assert.equal(category('Who painted the Mona Lisa?', 'Leonardo da Vinci.'), 'open_qa');
    assert.equal(category('I had a lovely day at the sea.', 'How nice to hear!'), 'generic');
  });

  it('counts what a conversation contains', () => {
    const answer = 'As shown [1] and (Smith et al., 2020), $x^2$ ≤ 4.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- one\n- two\n1. three\n\n```js\n- not a list\n```\nSee https://example.org/a and `b`.';
    const found = assess(turns('Show me everything', answer), only('data_characteristics')).tags.data_characteristics as Record<string, unknown>;
    const { code_blocks, inline_code, math_symbols, citations, tables, list_items, urls } = found;
    assert.deepEqual({ code_blocks, inline_code, math_symbols, citations, tables, list_items, urls }, { code_blocks: 1, inline_code: 1, math_symbols: 2, citations: 2, tables: 1, list_items: 3, urls: 1 });
  });
});

describe('repetition', () => {
  it('measures n-grams as a plain count of them does', () => {
    const words = fc.array(fc.constantFrom('a', 'bb', 'ccc', 'dddd'), { maxLength: 60 });
    fc.assert(
      fc.property(words, fc.integer({ min: 2, max: 10 }), (list, size) => {
        const measured = repeatedNgrams(list, 10).get(size)!;
        const expected = plainShares(list, size);
        assert.ok(Math.abs(measured.top - expected.top) < 1e-12 && Math.abs(measured.duplicate - expected.duplicate) < 1e-12, JSON.stringify({ measured, expected }));
      }),
    );
  });

  it('rejects loops of lines, of phrases and of turns', () => {
    const line = 'This line comes again and again.';
    assert.deepEqual(reasons(assess(turns('Go on', Array.from({ length: 6 }, () => line).join('\n')), only('repetition'))), ['duplicate_lines is 83.3 %, above 30.0 %']);
    assert.deepEqual(reasons(assess(turns('Go on', 'we went to the sea and '.repeat(20)), only('repetition'))), ['top_2_gram is 35.3 %, above 20.0 %']);
    assert.deepEqual(reasons(assess(turns('Who?', 'Me.', 'Who?', 'Me.'), only('repetition'))), ['duplicate_turns is 50.0 %, above 30.0 %']);
  });

  it('lets an answer quote its question', () => {
    const question = 'Is it true that the old ferry across the river will be replaced by a bridge next year, as the paper says?';
    assert.deepEqual(reasons(assess(turns(question, `${question} Yes, the council decided so in spring.`), only('repetition'))), []);
  });
});

/** Gopher's shares by the definition: texts of n-grams in a map, characters marked one by one. */
function plainShares(words: string[], size: number): { top: number; duplicate: number } {
  const total = words.join('').length;
  const counts = new Map<string, number>();
  const marked = new Set<number>();
  for (let place = 0; place + size <= words.length; place += 1) {
    const gram = words.slice(place, place + size).join(' ');
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
    if (counts.get(gram)! > 1) for (let index = place; index < place + size; index += 1) marked.add(index);
  }
  const most = Math.max(1, ...counts.values());
  const longest = Math.max(0, ...[...counts].filter(([, count]) => count === most).map(([gram]) => gram.replaceAll(' ', '').length));
  const duplicate = [...marked].reduce((sum, index) => sum + words[index]!.length, 0);
  return { top: most === 1 ? 0 : Math.min(1, (most * longest) / total), duplicate: total === 0 ? 0 : duplicate / total };
}

describe('boilerplate', () => {
  it('finds refusals and answers that speak of themselves as an AI, in answers alone', () => {
    assert.deepEqual(reasons(assess(turns('As an AI, what do you think?', 'As an AI language model, I have no opinion.'), only('boilerplate'))), ['an answer speaks of itself as an AI']);
    assert.deepEqual(reasons(assess(turns('Do it', "I'm sorry, but I can't help with that."), only('boilerplate'))), ['an answer is a refusal']);
    assert.deepEqual(reasons(assess(turns('I cannot help with this, can you?', 'I am sorry to hear that. I can try.'), only('boilerplate'))), []);
    assert.deepEqual(reasons(assess(turns('Do it', 'I cannot help with that.'), only('boilerplate', { reject: false }))), []);
  });
});

describe('completeness', () => {
  it('rejects empty turns, but not calls of tools', () => {
    assert.deepEqual(reasons(assess(turns('Hello', ' \n'), only('completeness'))), ['one turn is empty']);
    assert.deepEqual(reasons(assess([], only('completeness'))), ['it has no turns']);
    const [user, call] = turns('Hello', '');
    assert.deepEqual(reasons(assess([user!, { ...call!, hasMore: true }], only('completeness'))), []);
  });

  it('rejects answers that were cut off', () => {
    const [user, answer] = turns('Hello', 'Once upon a');
    assert.deepEqual(reasons(assess([user!, { ...answer!, finishReason: 'length' }], only('completeness'))), ['an answer was cut off by its limit of tokens']);
    assert.deepEqual(reasons(assess([user!, { ...answer!, finishReason: 'stop' }], only('completeness'))), []);
    assert.deepEqual(reasons(assess(turns('Code', '```js\nconst x'), only('completeness'))), ['a code block has no end']);
  });

  it('only tags an answer that ends within a sentence', () => {
    const { tags, rejections } = assess(turns('Tell me', `${'some words of a story '.repeat(6)}and then the`), only('completeness'));
    assert.deepEqual([tags.completeness, rejections.length], [{ empty_turns: 0, truncated: false, ends_in_sentence: true }, 0]);
  });
});
