import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encodeFilters, equals, withOrder } from '../../pipeline/servicenow-query.ts';

describe('filters of a ServiceNow source', () => {
  it('become an encoded query', () => {
    const { query, faults } = encodeFilters({
      active: true,
      priority: ['1', 2],
      state: { operator: '>=', value: '2' },
      category: { operator: 'not in', value: ['a', 'b'] },
      short_description: { operator: 'LIKE', value: 'down^up' },
      names: ['a,b', 'c'],
      closed_at: { operator: 'ISEMPTY' },
      opened_at: { operator: 'BETWEEN', value: ['2024-01-01', '2024-02-01'] },
    });
    assert.deepEqual(faults, []);
    assert.equal(
      query,
      'active=true^priorityIN1,2^state>=2^categoryNOT INa,b^short_descriptionLIKEdown^^up^names=a,b^ORnames=c^closed_atISEMPTY^opened_atBETWEEN2024-01-01@2024-02-01',
    );
  });

  it('are refused where they say nothing that can be asked', () => {
    const { faults } = encodeFilters({
      'a^b': '1',
      empty: [],
      nothing: null,
      odd: { operator: '~', value: 1 },
      more: { operator: '=', value: 1, or: 2 },
      deep: [{ a: 1 }],
      many: { operator: '>', value: [1, 2] },
      half: { operator: 'BETWEEN', value: [1] },
    });
    assert.deepEqual(faults.map((fault) => fault.field), ['a^b', 'empty', 'nothing', 'odd', 'more', 'deep', 'many', 'half']);
  });

  it('never let a value end its condition', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom('^', 'a', '=', 'OR', ',') }), { minLength: 1 }), (values) => {
        const query = values.map((value) => equals('field', value)).join('^NQ');
        // Doubled carets are text; single ones part conditions.
        const single = query.replaceAll('^^', '').split('^').length - 1;
        assert.equal(single, values.length - 1);
      }),
    );
  });

  it('come in an order that does not change from page to page', () => {
    assert.equal(withOrder('', { fields: [], descending: false }), 'ORDERBYsys_id');
    assert.equal(withOrder('a=1', { fields: ['b'], descending: true }), 'a=1^ORDERBYDESCb^ORDERBYsys_id');
    assert.equal(withOrder('a=1', { fields: ['sys_id'], descending: false }), 'a=1^ORDERBYsys_id');
  });
});
