import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RateWindow } from '../../../activities/models/rate-window.ts';

test('never lets more than the limit through in any 60 seconds', () => {
  const step = fc.record({ wait: fc.integer({ min: 0, max: 20_000 }), units: fc.integer({ min: 1, max: 5 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), fc.integer({ min: 5, max: 20 }), (steps, limit) => {
      const window = new RateWindow(limit);
      const log: { at: number; units: number }[] = [];
      let now = 0;
      for (const { wait, units } of steps) {
        now += wait;
        if (!window.fits(units, now)) continue;
        window.reserve(units, now);
        log.push({ at: now, units });
        const recent = log.filter(({ at }) => at > now - 60_000).reduce((sum, entry) => sum + entry.units, 0);
        assert.ok(recent <= limit);
      }
    }),
  );
});

test('has room again a minute later', () => {
  const window = new RateWindow(2);
  window.reserve(2, 0);
  assert.equal(window.fits(1, 59_000), false);
  assert.equal(window.fits(1, 61_001), true);
});

test('gives back what an estimate was too high by', () => {
  const window = new RateWindow(1000);
  const reservation = window.reserve(1000, 0);
  assert.equal(window.fits(500, 10), false);
  window.correct(reservation, 300);
  assert.equal(window.fits(500, 10), true);
});

test('lets a call through that alone is larger than the limit, else it would wait for ever', () => {
  assert.equal(new RateWindow(10).fits(50, 0), true);
});
