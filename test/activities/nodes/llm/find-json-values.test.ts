import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { findJsonValues } from '../../../../activities/nodes/llm/structured/find-json-values.ts';
import { breakAnswer } from '../../../../fake-model/break-answer.ts';

const VALUE = { title: "It's a \"test\"", score: 7, ratio: 0.5, good: true, none: null, tags: ['a, b', '}'], inner: { deep: [1, 2] } };

describe('JSON values in an answer', () => {
  for (const broken of ['fence', 'prose', 'trailing_comma', 'single_quotes'] as const) {
    it(`are found where the answer is broken by ${broken}`, () => {
      const values = findJsonValues(breakAnswer(JSON.stringify(VALUE), broken) ?? '');
      assert.deepEqual(values[0], VALUE);
    });
  }

  it('are found again, whatever they hold, in every way of writing them badly', () => {
    const objects = fc.dictionary(fc.string({ minLength: 1, unit: 'grapheme' }), fc.jsonValue({ maxDepth: 3 }), { minKeys: 1 });
    const classes = fc.constantFrom('fence', 'prose', 'trailing_comma', 'single_quotes');
    fc.assert(
      fc.property(objects, classes, (object, broken) => {
        const expected = JSON.parse(JSON.stringify(object)) as Record<string, unknown>;
        const text = breakAnswer(JSON.stringify(expected), broken);
        fc.pre(text !== null);
        const values = findJsonValues(text);
        assert.ok(values.some((value) => JSON.stringify(value) === JSON.stringify(expected)), text);
      }),
      { numRuns: 300 },
    );
  });

  it('are never made up of a text that was cut off', () => {
    const text = JSON.stringify(VALUE);
    for (let length = 0; length < text.length; length += 1) {
      const values = findJsonValues(text.slice(0, length));
      // A part that is closed in itself may be found, never the whole.
      assert.ok(values.every((value) => typeof value === 'object' && value !== null && !('title' in value)), text.slice(0, length));
    }
  });

  it('are not found where the answer leaves something out', () => {
    assert.deepEqual(findJsonValues('{"tags": ["a", ...]}'), []);
    assert.deepEqual(findJsonValues('{"a": 1, ...}'), []);
    assert.deepEqual(findJsonValues('{"a": "wait..."}'), [{ a: 'wait...' }]);
  });

  it('are looked for behind the thinking of a model', () => {
    assert.deepEqual(findJsonValues('<think>maybe {"a": 1}?</think>\n{"a": 2}'), [{ a: 2 }]);
  });

  it('are not guessed where a quote, a comma or an end is missing', () => {
    assert.deepEqual(findJsonValues("{'text': 'It's fine', 'n': 1}"), []);
    assert.deepEqual(findJsonValues('{"a": 1 "b": 2}'), []);
    assert.deepEqual(findJsonValues('{"a": 007}'), []);
    assert.deepEqual(findJsonValues('{"outer": {"a": 1}, "b": tr'), []);
  });

  it('are read with comments, bare keys, line breaks in texts and escapes of Python', () => {
    const text = `{key: "a\nb", /* two */ b: [1, 2,], // end\n c: '\\x41\\'\\U0001F600'}`;
    assert.deepEqual(findJsonValues(text), [{ key: 'a\nb', b: [1, 2], c: "A'😀" }]);
  });

  it('stand beside remarks in brackets', () => {
    assert.deepEqual(findJsonValues('As said in [1] {sic}: [see {"a": 1}]'), [[1], { a: 1 }]);
  });

  it('are bounded in size and depth, without a stack overflow or a long search', () => {
    assert.deepEqual(findJsonValues('['.repeat(100_000)), []);
    assert.deepEqual(findJsonValues(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)} x`), []);
    assert.deepEqual(findJsonValues(`{"a": "${'x'.repeat(2_000_000)}"}`), []);
    assert.deepEqual(findJsonValues('no JSON at all'), []);
  });
});
