import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRateMeter } from '../../../cli/watch/rate.ts';

describe('createRateMeter', () => {
  it('says nothing before anything has happened', () => {
    const meter = createRateMeter();
    assert.equal(meter.rate(), null);
    meter.add(0, 0);
    meter.add(0, 1000);
    assert.equal(meter.rate(), null);
  });

  it('forgets what lies beyond its window', () => {
    const meter = createRateMeter(10_000);
    for (let second = 0; second <= 20; second += 1) meter.add(second * 100, second * 1000);
    for (let second = 21; second <= 40; second += 1) meter.add(2000 + (second - 20) * 10, second * 1000);
    assert.equal(meter.rate(), 10);
  });
});
