import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonValue } from '../../pipeline/json.ts';
import type { SchemaFieldPlan, SchemaRulePlan } from '../../pipeline/plan.ts';
import { parseSchemaType } from '../../pipeline/schema-type.ts';
import { validateRecord } from '../../pipeline/validate-record.ts';

function field(type: string, rules: SchemaRulePlan[] = [], optional = false): SchemaFieldPlan {
  const parsed = parseSchemaType(type);
  assert.ok(parsed.ok);
  return { name: 'x', type: parsed.type, rules, optional };
}
const rulesBroken = (value: JsonValue, by: SchemaFieldPlan): string[] =>
  validateRecord({ x: value }, [by]).map(({ rule }) => rule);

describe('an output row', () => {
  it('fits the types of Python as JSON writes them', () => {
    const fitting: [string, JsonValue[], JsonValue[]][] = [
      ['str', ['', 'a'], [1, null, [], {}, true]],
      ['int', [0, -3, 2.0], [1.5, '1', true, null]],
      ['float', [1, 1.5], ['1.5', true]],
      ['bool', [true, false], [0, 'true']],
      ['none', [null], [0, '']],
      ['any', [null, 1, [{}]], []],
      ['list[str]', [[], ['a']], ['a', [1], {}]],
      ['set[int]', [[1, 2]], [[1, 1], 1]],
      ['tuple[int, str]', [[1, 'a']], [[1], ['a', 1], [1, 'a', 2]]],
      ['dict[str, int]', [{}, { a: 1 }], [[], { a: 'b' }, null]],
      ['dict[int, any]', [{ 1: null }], [{ a: null }]],
      ['str | none', [null, 'a'], [1]],
      ['list[dict[str, any]]', [[{ role: 'user' }]], [['user']]],
    ];
    for (const [type, right, wrong] of fitting) {
      for (const value of right)
        assert.deepEqual(rulesBroken(value, field(type)), [], `${type} ${JSON.stringify(value)}`);
      for (const value of wrong)
        assert.deepEqual(rulesBroken(value, field(type)), ['type'], `${type} ${JSON.stringify(value)}`);
    }
  });

  it('says where inside a value its type is wrong', () => {
    const [violation] = validateRecord({ x: [{ role: 'user' }, { role: 3 }] }, [field('list[dict[str, str]]')]);
    assert.equal(violation?.message, 'x[1].role is an int, expected str');
  });

  it('keeps its rules', () => {
    const cases: [SchemaRulePlan, JsonValue, JsonValue][] = [
      [{ rule: 'is_greater_than', value: 5 }, 6, 5],
      [{ rule: 'is_less_than', value: 5 }, 4, 5],
      [{ rule: 'is_equal_to', value: { a: [1], b: 2 } }, { b: 2, a: [1] }, { a: [1] }],
      [{ rule: 'enum', value: ['a', 1] }, 1, '1'],
      [{ rule: 'min_length', value: 2 }, 'äb', '\u{1f600}'],
      [{ rule: 'max_length', value: 1 }, [1], [1, 2]],
      [{ rule: 'regex', value: '^\\p{Lu}' }, 'Über', 'über'],
    ];
    for (const [rule, right, wrong] of cases) {
      assert.deepEqual(rulesBroken(right, field('any', [rule])), [], rule.rule);
      assert.deepEqual(rulesBroken(wrong, field('any', [rule])), [rule.rule]);
    }
    for (const rule of ['is_greater_than', 'min_length'] as const)
      assert.deepEqual(rulesBroken(null, field('any', [{ rule, value: 0 }])), [rule]);
  });

  it('lacks no field but optional ones, and may have more', () => {
    assert.deepEqual(validateRecord({ y: 1 }, [field('int')]), [
      { field: 'x', rule: 'required', message: 'x is missing' },
    ]);
    assert.deepEqual(validateRecord({ y: 1 }, [field('int', [{ rule: 'is_less_than', value: 0 }], true)]), []);
    assert.deepEqual(validateRecord({ x: null }, [field('int', [], true)]), []);
    assert.deepEqual(
      validateRecord({}, [{ ...field('any'), name: 'constructor' }]).map(({ rule }) => rule),
      ['required'],
    );
  });

  it('does not hang on an expression that backtracks without end', () => {
    const [violation] = validateRecord({ x: `${'a'.repeat(60)}!` }, [
      field('str', [{ rule: 'regex', value: '^(a+)+$' }]),
    ]);
    assert.equal(violation?.rule, 'regex');
    assert.match(violation.message, /takes too long/);
    assert.deepEqual(rulesBroken('aaa', field('str', [{ rule: 'regex', value: '^(a+)+$' }])), []);
  });

  it('is named clipped where it is long', () => {
    const [violation] = validateRecord({ x: 'y'.repeat(10_000) }, [field('str', [{ rule: 'max_length', value: 5 }])]);
    assert.ok(violation!.message.length < 300);
  });
});
