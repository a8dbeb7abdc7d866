import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Limiter, type LimiterOutcome, type LimiterTicket } from '../../../activities/models/limiter.ts';
import { createRandom } from '../../../fake-model/random.ts';
import { simulateEndpoint } from './simulate-endpoint.ts';

for (const [latency, rejectionLatency] of [
  [100, 2],
  [1000, 5],
  [100, 100],
] as const) {
  test(`wastes fewer than 200 of 1,000 calls on a limit of 100 in flight (${latency} ms answers, 429 after ${rejectionLatency} ms)`, () => {
    const result = simulateEndpoint({
      records: 1000,
      concurrency: 500,
      latency,
      rejectionLatency,
      retryAfter: 1000,
      rejects: ({ accepted }) => accepted >= 100,
    });
    assert.ok(result.wasted < 200, `${result.wasted} calls were wasted`);
  });
}

test('settles near a hard limit and stays there in a long run', () => {
  const result = simulateEndpoint({
    records: 10_000,
    concurrency: 500,
    latency: 100,
    rejectionLatency: 2,
    retryAfter: 1000,
    rejects: ({ accepted }) => accepted >= 100,
  });
  assert.ok(result.wasted < 1000, `${result.wasted} calls were wasted`);
  // 10 s is what the limit allows.
  assert.ok(result.milliseconds < 15_000, `took ${result.milliseconds} ms`);
});

test('keeps its speed where 8 % of the answers are 429 at random', () => {
  const play = (share: number): number => {
    const random = createRandom(7);
    return simulateEndpoint({
      records: 10_000,
      concurrency: 500,
      latency: 100,
      rejectionLatency: 100,
      retryAfter: 1000,
      rejects: () => random() < share,
    }).milliseconds;
  };
  const clean = play(0);
  // A record that draws three 429 in a row waits 3 s by the endpoint's own wish.
  assert.ok(play(0.08) < clean + 6400, 'lost more than 6.4 s');
});

test('does not collapse where a fifth of the answers are 429 whatever the load', () => {
  const random = createRandom(11);
  const result = simulateEndpoint({
    records: 10_000,
    concurrency: 500,
    latency: 100,
    rejectionLatency: 100,
    rejects: () => random() < 0.2,
  });
  assert.ok(result.milliseconds < 10_000, `took ${result.milliseconds} ms`);
});

test('asks seldom while everything is refused, and is soon back at speed afterwards', () => {
  const result = simulateEndpoint({
    records: 5000,
    concurrency: 500,
    latency: 100,
    rejectionLatency: 2,
    rejects: ({ now }) => now > 500 && now < 20_500,
  });
  assert.ok(result.wasted < 1000, `${result.wasted} calls were wasted`);
  assert.ok(result.milliseconds < 30_000, `took ${result.milliseconds} ms`);
});

test('doubles per round trip from the start, but only as far as there is work', () => {
  const limiter = new Limiter({ startWindow: 64 });
  const roundTrip = (now: number, calls: number): void => {
    const tickets = Array.from({ length: calls }, () => limiter.start(now));
    for (const ticket of tickets) limiter.end(ticket, { outcome: 'answered', now: now + 100 });
  };
  roundTrip(0, 10);
  assert.equal(limiter.window, 64, 'ten calls show nothing about more than 64');
  while (limiter.room(1000) > 0 && limiter.inFlight < 64) limiter.start(1000);
  assert.equal(limiter.room(1000), 0);
});

test('holds the endpoint for a Retry-After under overload only', () => {
  const limiter = new Limiter({ startWindow: 100 });
  const tickets = Array.from({ length: 100 }, () => limiter.start(0));
  for (const ticket of tickets.slice(0, 5)) {
    limiter.end(ticket, { outcome: 'overloaded', now: 10, retryAfterMilliseconds: 5000 });
  }
  assert.ok(limiter.room(200) > 0, 'five 429 of a hundred hold their own records only');
  for (const ticket of tickets.slice(5, 40)) {
    limiter.end(ticket, { outcome: 'overloaded', now: 210, retryAfterMilliseconds: 5000 });
  }
  for (const ticket of tickets.slice(40)) limiter.end(ticket, { outcome: 'answered', now: 300 });
  assert.equal(limiter.room(3000), 0);
  assert.ok((limiter.nextRoomAt(3000) ?? 0) > 5000);
  assert.ok(limiter.room(6000) > 0);
});

test('never exceeds its maximum, and always has room again once every call has ended', () => {
  const outcome = fc.constantFrom<LimiterOutcome>('answered', 'overloaded', 'failed');
  const step = fc.record({ outcome, wait: fc.integer({ min: 0, max: 300 }), starts: fc.integer({ min: 0, max: 60 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 200 }), (steps, maximumWindow) => {
      const limiter = new Limiter({ maximumWindow });
      const inFlight: LimiterTicket[] = [];
      let now = 1;
      for (const { outcome, wait, starts } of steps) {
        for (let count = Math.min(starts, limiter.room(now)); count > 0; count--) inFlight.push(limiter.start(now));
        assert.ok(limiter.inFlight <= maximumWindow);
        now += wait;
        for (const ticket of inFlight.splice(0, Math.ceil(inFlight.length / 2))) limiter.end(ticket, { outcome, now });
      }
      for (const ticket of inFlight) limiter.end(ticket, { outcome: 'answered', now });
      assert.ok(limiter.room(now + 120_000) >= 1);
    }),
  );
});
