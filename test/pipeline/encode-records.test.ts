import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeRecords, encodeRecords } from '../../pipeline/encode-records.ts';

describe('encoded records', () => {
  it('are short where positions follow each other', () => {
    assert.equal(
      encodeRecords([...Array(58).keys(), 60, ...Array.from({ length: 38 }, (_, index) => index + 62)]),
      '0-57,60,62-99',
    );
    assert.equal(encodeRecords([]), '');
    assert.equal(encodeRecords([3, 1, 2, 3]), '1-3');
  });

  it('are decoded to the same positions, ascending and once each', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(300)), (indexes) => {
        assert.deepEqual(
          decodeRecords(encodeRecords(indexes)),
          [...new Set(indexes)].sort((left, right) => left - right),
        );
      }),
    );
  });

  it('refuse what is no list of positions', () => {
    for (const text of ['a', '1-', '5-2', '1,1', '3,2', '0-99999999999', '1,,2', '-1', ' 1'])
      assert.throws(() => decodeRecords(text), RangeError, text);
    for (const indexes of [[-1], [1.5], [NaN]]) assert.throws(() => encodeRecords(indexes), RangeError);
  });
});
