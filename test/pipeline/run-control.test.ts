import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { changeControl } from '../../pipeline/change-control.ts';
import { parseDeadline, parseDuration } from '../../pipeline/parse-deadline.ts';
import { describeControl, type ControlChange, type RunControl } from '../../pipeline/run-control.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const change = (control: RunControl, asked: ControlChange): RunControl => changeControl(control, asked, { now: NOW, models: ['writer', 'judge'] });

test('limits of a model and of the run are kept apart, and null takes them away', () => {
  let control = change({}, { model: 'writer', concurrency: 5, requestsPerMinute: 60 });
  control = change(control, { concurrency: 9, budget: 20 });
  control = change(control, { model: 'judge', tokensPerMinute: 1000 });
  assert.deepEqual(control, { models: { writer: { concurrency: 5, requestsPerMinute: 60 }, judge: { tokensPerMinute: 1000 } }, concurrency: 9, caps: { budget: 20 } });
  control = change(control, { model: 'writer', concurrency: null, requestsPerMinute: null });
  control = change(control, { model: 'judge', tokensPerMinute: null });
  assert.deepEqual(change(control, { concurrency: null, budget: null }), {});
});

test('a pause survives a change of limits', () => {
  const paused = { epoch: 1, cause: { code: 'PAUSED', message: 'paused', nextStep: null, node: null } };
  assert.deepEqual(change({ paused }, { deadline: '90m' }), { paused, caps: { deadline: '2026-11-21T13:30:00.000Z' } });
});

test('a priority is one of 1 to 5', () => {
  const control = change({}, { priority: 1 });
  assert.deepEqual(control, { priority: 1 });
  assert.deepEqual(change(control, { priority: null }), {});
  for (const priority of [0, 6, 1.5, -1]) assert.throws(() => change({}, { priority }), /priority cannot be/);
  assert.throws(() => change({}, { model: 'writer', priority: 1 }), /no limit of one model/);
});

test('everything that is set is described', () => {
  const lines = describeControl({ concurrency: 3, priority: 2, models: { writer: { concurrency: 1, requestsPerMinute: 2, tokensPerMinute: 4 } }, caps: { budget: 5, tokens: 6, deadline: '2026-11-22' } });
  assert.equal(lines.length, 8);
});

test('durations add up, and anything else is none', () => {
  assert.equal(parseDuration('1d12h'), 36 * 3_600_000);
  assert.equal(parseDuration('1.5h'), 5_400_000);
  for (const text of ['', '6', 'h', '0s', '6 h', '-6h', '6h later', '1e3s']) assert.equal(parseDuration(text), null, text);
  fc.assert(
    fc.property(fc.nat(1000), fc.nat(1000), (hours, minutes) => {
      const expected = hours * 3_600_000 + minutes * 60_000;
      assert.equal(parseDuration(`${hours}h${minutes}m`), expected === 0 ? null : expected);
    }),
  );
});

test('any text is a deadline or refused as a mistake of the user', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.date({ noInvalidDate: true }).map((date) => date.toISOString())), (text) => {
      try {
        assert.match(parseDeadline(text, NOW), /^[+-]?\d{4,6}-\d\d-\d\dT/);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'USAGE');
      }
    }),
  );
  assert.equal(parseDeadline('2026-11-22T06:00:00Z', NOW), '2026-11-22T06:00:00.000Z');
});
