import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { JsonObject, JsonPrimitive } from '../../pipeline/json.ts';
import { matchesWhere, whereKeys } from '../../pipeline/matches-where.ts';
import { parseWhere } from '../../pipeline/parse-where.ts';
import type { WhereExpression } from '../../pipeline/where-expression.ts';

function parsed(text: string): WhereExpression {
  const { expression, problem } = parseWhere(text);
  assert.equal(problem, null, `${text}: ${problem?.message}`);
  return expression!;
}

const STATE: JsonObject = {
  judge: { score: 4, ok: true, reason: null },
  language: 'en',
  score: ' 3.5 ',
  turns: [{ role: 'user' }, { role: 'assistant' }],
  'alias->column': 'x',
  'größe-1': 2,
};

const matches = (text: string): boolean => matchesWhere(parsed(text), STATE);

describe('a where expression', () => {
  for (const [text, expected] of [
    ['judge.score >= 4 and not (language == "de")', true],
    ['judge.score > 4 or language == \'en\'', true],
    ['judge.score > 4 or language != "en"', false],
    ['language in ["de", "en"]', true],
    ['language not in ["de", "en"]', false],
    ['judge.score in [1, 2]', false],
    ['language in []', false],
    ['exists judge.score', true],
    ['exists judge.reason', false],
    ['exists judge.missing.deeper', false],
    ['judge.reason == null', true],
    ['judge.ok', true],
    ['not judge.ok', false],
    ['judge.ok == True AND judge.reason == None', true],
    ['turns[1].role == "assistant"', true],
    ['turns.0.role == "user"', true],
    ['turns[2].role == "user"', false],
    ['["alias->column"] == "x"', true],
    ['größe-1 < 3', true],
    ['language < "fr"', true],
    ['judge.score == 4.0e0 and judge.score >= -1', true],
  ] as const) {
    it(`${text} is ${expected}`, () => assert.equal(matches(text), expected));
  }

  it('takes a text that is a number as one where a number is asked for, and not the other way round', () => {
    assert.equal(matches('score > 3 and score <= 3.5 and score == 3.5 and score in [3.5]'), true);
    assert.equal(matches('judge.score == "4"'), false);
    assert.equal(matches('judge.score < "5"'), false);
    assert.equal(matches('language > 0'), false);
  });

  it('is false for every comparison with what is missing', () => {
    for (const operator of ['==', '!=', '<', '<=', '>', '>=']) assert.equal(matches(`missing ${operator} 3`), false);
    assert.equal(matches('missing == null'), false);
    assert.equal(matches('missing in [null]'), false);
    assert.equal(matches('not missing'), true);
  });

  it('never finds what every object or list inherits', () => {
    for (const path of ['constructor', 'judge.toString', '__proto__', 'turns.length', 'language.length']) {
      assert.equal(matches(`exists ${path}`), false, path);
    }
  });

  it('binds not before and before or', () => {
    assert.deepEqual(parsed('a or b and not c'), {
      kind: 'or',
      parts: [
        { kind: 'compare', path: ['a'], operator: '==', value: true },
        {
          kind: 'and',
          parts: [
            { kind: 'compare', path: ['b'], operator: '==', value: true },
            { kind: 'not', part: { kind: 'compare', path: ['c'], operator: '==', value: true } },
          ],
        },
      ],
    });
  });

  it('takes keywords as names after a dot', () => {
    assert.deepEqual(parsed('answer.not.in == 1'), { kind: 'compare', path: ['answer', 'not', 'in'], operator: '==', value: 1 });
  });

  it('names the keys that it looks at', () => {
    assert.deepEqual(whereKeys(parsed('a.b > 1 and (not exists c or a.d in [1])')), ['a', 'c']);
  });

  for (const [text, offset, message] of [
    ['score >=', 8, /value is wanted/],
    ['score = 4', 6, /Write "=="/],
    ['a && b', 2, /Write "and"/],
    ['4 <= score', 0, /path stands on the left/],
    ['(a or b', 0, /never closed/],
    ['a == "x', 5, /quote is never closed/],
    ['a b', 2, /joined by "and" or "or"/],
    ['a in "x"', 5, /followed by a list/],
    ['a in ["x" "y"]', 10, /commas/],
    ['a < true', 4, /number or a text/],
    ['a. == 1', 3, /dot is followed/],
    ['a[1.5] == 1', 2, /position from 0/],
    ['', 0, /missing/],
    ['a == b', 5, /value is wanted/],
    [`${'('.repeat(40)}a${')'.repeat(40)}`, 32, /nested at most 32/],
    [`${'not '.repeat(40)}a`, 128, /nested at most 32/],
    [`a == "${'x'.repeat(3_000)}"`, 0, /at most 2000 characters/],
    [`a in [${'1,'.repeat(600)}1]`, 1006, /at most 500 values/],
  ] as const) {
    it(`says what is wrong with ${text.slice(0, 30) || 'nothing'}`, () => {
      const { expression, problem } = parseWhere(text);
      assert.equal(expression, null);
      assert.match(problem!.message, message);
      assert.equal(problem!.offset, offset);
    });
  }

  it('never throws, and places its problem in the text', () => {
    const piece = fc.constantFrom('a', 'b.c', ' ', '(', ')', '[', ']', ',', '"x"', "'", '==', '<', 'and ', ' or ', 'not ', 'in ', 'exists ', '1', '.', '\\', '&', 'ä');
    fc.assert(
      fc.property(fc.oneof(fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')), fc.string({ unit: 'binary' })), (text) => {
        const { expression, problem } = parseWhere(text);
        assert.notEqual(expression === null, problem === null);
        if (problem !== null) assert.ok(problem.offset >= 0 && problem.offset <= text.length && problem.length >= 1);
        if (expression !== null) assert.equal(typeof matchesWhere(expression, STATE), 'boolean');
      }),
      { numRuns: 2_000 },
    );
  });

  it('reads back every expression from its text', () => {
    const value = fc.oneof(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0), fc.boolean(), fc.constant(null));
    const path = fc.array(fc.string(), { minLength: 1, maxLength: 3 });
    const { expression } = fc.letrec<{ expression: WhereExpression }>((tie) => ({
      expression: fc.oneof(
        { maxDepth: 4 },
        fc.record({ kind: fc.constant('exists' as const), path }),
        fc.record({ kind: fc.constant('in' as const), path, values: fc.array(value, { maxLength: 3 }) }),
        fc.record({ kind: fc.constant('compare' as const), path, operator: fc.constantFrom('==' as const, '!=' as const), value }),
        fc.record({ kind: fc.constant('not' as const), part: tie('expression') }),
        fc.record({ kind: fc.constantFrom('and' as const, 'or' as const), parts: fc.array(tie('expression'), { minLength: 2, maxLength: 3 }) }),
      ),
    }));
    fc.assert(
      fc.property(expression, (wanted) => {
        const text = written(wanted);
        fc.pre(text.length <= 2_000);
        // Without the prototypes of the generator.
        assert.deepEqual(parsed(text), structuredClone(wanted));
      }),
    );
  });
});

function written(expression: WhereExpression): string {
  switch (expression.kind) {
    case 'exists':
      return `exists ${writtenPath(expression.path)}`;
    case 'in':
      return `${writtenPath(expression.path)} in [${expression.values.map(writtenValue).join(', ')}]`;
    case 'compare':
      return `${writtenPath(expression.path)} ${expression.operator} ${writtenValue(expression.value)}`;
    case 'not':
      return `not (${written(expression.part)})`;
    default:
      return expression.parts.map((part) => `(${written(part)})`).join(` ${expression.kind} `);
  }
}

function writtenPath(path: string[]): string {
  return path.map((step) => `[${quoted(step)}]`).join('');
}

function writtenValue(value: JsonPrimitive): string {
  return typeof value === 'string' ? quoted(value) : String(value);
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
