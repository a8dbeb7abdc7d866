import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { SchemaType } from '../../pipeline/plan.ts';
import { formatSchemaType, parseSchemaType } from '../../pipeline/schema-type.ts';

const { type } = fc.letrec<{ type: SchemaType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('str', 'int', 'float', 'bool', 'none', 'any').map((kind): SchemaType => ({ kind: kind as 'str' })),
    fc.record({ kind: fc.constantFrom('list', 'set'), item: tie('type') }) as fc.Arbitrary<SchemaType>,
    fc.record({
      kind: fc.constant('tuple'),
      items: fc.array(tie('type'), { minLength: 1, maxLength: 3 }),
    }) as fc.Arbitrary<SchemaType>,
    fc.record({ kind: fc.constant('dict'), key: tie('type'), value: tie('type') }) as fc.Arbitrary<SchemaType>,
    fc.record({
      kind: fc.constant('union'),
      options: fc.array(tie('type'), { minLength: 1, maxLength: 3 }),
    }) as fc.Arbitrary<SchemaType>,
  ),
}));

describe('a schema type', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(type, (original) =>
        assert.deepEqual(parseSchemaType(formatSchemaType(original)), {
          ok: true,
          type: JSON.parse(JSON.stringify(original)) as SchemaType,
        }),
      ),
    );
  });

  it('is read from any text without throwing', () => {
    const texts = fc.string({
      unit: fc.constantFrom('list', 'dict', 'str', '[', ']', ',', '|', ' ', 'x', '.'),
      maxLength: 200,
    });
    fc.assert(fc.property(texts, (text) => typeof parseSchemaType(text).ok === 'boolean'));
    assert.equal(parseSchemaType('list['.repeat(5_000)).ok, false);
  });

  it('is taken in every spelling of Python', () => {
    const dict: SchemaType = { kind: 'dict', key: { kind: 'str' }, value: { kind: 'any' } };
    const spellings: [string, SchemaType][] = [
      ['list[dict[str, any]]', { kind: 'list', item: dict }],
      ['List[Dict[str,Any]]', { kind: 'list', item: dict }],
      ['typing.List', { kind: 'list', item: { kind: 'any' } }],
      ['dict', dict],
      ['Optional[int]', { kind: 'union', options: [{ kind: 'int' }, { kind: 'none' }] }],
      ['str | None', { kind: 'union', options: [{ kind: 'str' }, { kind: 'none' }] }],
      ['tuple[int, string]', { kind: 'tuple', items: [{ kind: 'int' }, { kind: 'str' }] }],
    ];
    for (const [text, expected] of spellings) assert.deepEqual(parseSchemaType(text), { ok: true, type: expected });
  });

  it('is refused with the place of the fault', () => {
    const cases: [string, number][] = [
      ['lisr[str]', 0],
      ['list[st]', 5],
      ['list[str', 8],
      ['dict[str]', 0],
      ['str]', 3],
      ['', 0],
      ['list[]', 5],
      ['constructor', 0],
    ];
    for (const [text, offset] of cases) {
      const parsed = parseSchemaType(text);
      assert.deepEqual([text, parsed.ok, !parsed.ok && parsed.offset], [text, false, offset]);
    }
  });
});
