import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RateLeaseState } from '../../pipeline/rate-contract.ts';
import { shareRate } from '../../pipeline/share-rate.ts';

/** Members that ask one after the other until nothing changes, as renewals do. */
function settle(demands: Record<string, number>): Record<string, number> {
  let leases: RateLeaseState[] = [];
  for (let round = 0; round < 5; round++) {
    for (const [member, demand] of Object.entries(demands)) ({ leases } = shareRate(leases, { member, demand }, round));
  }
  return Object.fromEntries(leases.map(({ member, share }) => [member, Math.round(share * 1000) / 1000]));
}

test('the shares that hold are never more than the whole, whoever comes, goes and changes his mind', () => {
  const request = fc.record({ member: fc.constantFrom('a', 'b', 'c', 'd'), demand: fc.double({ min: 0.001, max: 1, noNaN: true }), wait: fc.integer({ min: 0, max: 4_000 }) });
  fc.assert(
    fc.property(fc.array(request, { maxLength: 60 }), (requests) => {
      let leases: RateLeaseState[] = [];
      let now = 0;
      // As members see it: a share holds from when it was asked for.
      const held = new Map<string, { share: number; until: number }>();
      for (const { member, demand, wait } of requests) {
        now += wait;
        const next = shareRate(leases, { member, demand }, now);
        leases = next.leases;
        held.set(member, { share: next.grant.share, until: now + next.grant.validMilliseconds });
        const sum = [...held.values()].filter(({ until }) => until > now).reduce((total, { share }) => total + share, 0);
        assert.ok(sum <= 1 + 1e-9, `${sum}`);
      }
    }),
  );
});

test('one alone has all of it, however little it asks for', () => {
  assert.deepEqual(settle({ a: 0.01 }), { a: 1 });
});

test('those that want much have equal parts, those that want little have what they want', () => {
  assert.deepEqual(settle({ a: 1, b: 1, c: 1 }), { a: 0.333, b: 0.333, c: 0.333 });
  assert.deepEqual(settle({ a: 1, b: 0.1, c: 1 }), { a: 0.45, b: 0.1, c: 0.45 });
});

test('what nobody wants is split', () => {
  assert.deepEqual(settle({ a: 0.5, b: 0.1 }), { a: 0.7, b: 0.3 });
});

test('who comes later waits until the others renew, and asks again soon', () => {
  const first = shareRate([], { member: 'a', demand: 1 }, 0);
  const second = shareRate(first.leases, { member: 'b', demand: 1 }, 100);
  assert.deepEqual([first.grant.share, second.grant.share], [1, 0]);
  assert.ok(second.grant.renewMilliseconds < first.grant.renewMilliseconds);
  const renewed = shareRate(second.leases, { member: 'a', demand: 1 }, 3_000);
  assert.equal(renewed.grant.share, 0.5);
  assert.equal(shareRate(renewed.leases, { member: 'b', demand: 1 }, 3_100).grant.share, 0.5);
});

test('the share of a killed worker is free when its lease ends', () => {
  const { leases } = shareRate([], { member: 'a', demand: 1 }, 0);
  assert.equal(shareRate(leases, { member: 'b', demand: 1 }, 6_999).grant.share, 0);
  assert.equal(shareRate(leases, { member: 'b', demand: 1 }, 7_000).grant.share, 1);
});
