import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RatePacer } from '../../../activities/models/rate-pacer.ts';

const steps = fc.array(fc.record({ wait: fc.integer({ min: 0, max: 3_000 }), units: fc.integer({ min: 1, max: 5 }) }), { minLength: 1, maxLength: 100 });

test('in no span of time start more units than the rate, 0.3 s of it and one call', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 60, max: 6_000 }), (all, perMinute) => {
      const pacer = new RatePacer(perMinute);
      const started: { at: number; units: number }[] = [];
      let now = 1_000;
      for (const { wait, units } of all) {
        now += wait;
        if (pacer.nextAt(now) > now) continue;
        pacer.take(units, now);
        started.push({ at: now, units });
      }
      for (const [index, first] of started.entries()) {
        let sum = 0;
        for (const { at, units } of started.slice(index)) {
          // The last call is let through however large it is.
          assert.ok(sum <= ((at - first.at + 300) * perMinute) / 60_000 + first.units + 1e-6);
          sum += units;
        }
      }
    }),
  );
});

test('uses all of the rate where calls wait, though timers come late', () => {
  const pacer = new RatePacer(600);
  let started = 0;
  for (let now = 0; now < 60_000; now += 130) {
    while (pacer.nextAt(now) <= now) {
      pacer.take(1, now);
      started += 1;
    }
  }
  assert.ok(started >= 595 && started <= 604, `${started}`);
});

test('tells when the next call may start', () => {
  const pacer = new RatePacer(60);
  pacer.take(1, 1_000);
  assert.equal(pacer.nextAt(1_000), 1_700);
  pacer.take(1, 1_700);
  assert.equal(pacer.nextAt(1_700), 2_700);
});

test('gives back what an estimate was too high by, and takes what it was too low by', () => {
  const pacer = new RatePacer(60_000);
  pacer.take(1_300, 1_000);
  assert.equal(pacer.nextAt(1_000), 2_000);
  pacer.correct(-500);
  assert.equal(pacer.nextAt(1_000), 1_500);
  pacer.correct(2_000);
  assert.equal(pacer.nextAt(1_000), 3_500);
});

test('starts nothing at a rate of 0, and forgets no debt when the rate changes', () => {
  const pacer = new RatePacer(600);
  for (let call = 0; call < 14; call++) pacer.take(1, 0);
  pacer.changeRate(0, 0);
  assert.equal(pacer.nextAt(50_000), Infinity);
  pacer.changeRate(60, 50_000);
  assert.equal(pacer.nextAt(50_000), 64_000);
});

test('a clock that is set back stops nothing', () => {
  const pacer = new RatePacer(60);
  pacer.take(1, 3_600_000);
  assert.equal(Math.round(pacer.nextAt(0)), 700);
});
