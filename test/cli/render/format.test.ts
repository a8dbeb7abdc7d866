import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatCost, formatCount, formatDuration, formatRate, printable } from '../../../cli/render/format.ts';

describe('formatDuration', () => {
  it('names the two largest units', () => {
    const cases: [number, string][] = [[0, '0.0 s'], [0.84, '0.8 s'], [9.96, '10 s'], [59.4, '59 s'], [185, '3 min 05 s'], [7620, '2 h 07 min'], [3 * 86_400 + 4 * 3600, '3 d 04 h']];
    for (const [seconds, text] of cases) assert.equal(formatDuration(seconds), text);
  });

  it('has an answer for every number', () => {
    fc.assert(fc.property(fc.double({ max: 1e12 }), (seconds) => assert.match(formatDuration(seconds), /^(\?|\d[\d.]* (s|min \d\d s|h \d\d min|d \d\d h))$/)), {
      examples: [[Number.NaN], [Infinity], [59.99], [3599.9], [86_399]],
    });
  });
});

describe('formatCost', () => {
  it('tells an unknown price from none', () => {
    assert.equal(formatCost(null), '-');
    assert.equal(formatCost(0), '$0');
    assert.equal(formatCost(0.00123), '$0.0012');
    assert.equal(formatCost(0.01069), '$0.011');
    assert.equal(formatCost(12.345), '$12.35');
  });
});

describe('formatCount and formatRate', () => {
  it('group thousands', () => {
    assert.equal(formatCount(1_234_567), '1,234,567');
    assert.equal(formatRate(12.34), '12.3/s');
    assert.equal(formatRate(1234.5), '1,235/s');
  });
});

describe('printable', () => {
  it('lets no control character of a record reach the terminal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // eslint-disable-next-line no-control-regex -- what must not be there
        assert.doesNotMatch(printable(text), /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
        assert.doesNotMatch(printable(text, { oneLine: true }), /\n/);
        assert.ok(printable(text, { most: 10 }).length <= 10);
      }),
    );
    assert.equal(printable('a\u001b[2Jb'), 'a·[2Jb');
  });
});
