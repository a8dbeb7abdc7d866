import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FairQueue } from '../../../activities/models/fair-queue.ts';

function drain(queue: FairQueue<string>, isAllowed: (item: string) => boolean = () => true): string[] {
  const taken: string[] = [];
  for (let item = queue.take(isAllowed); item !== undefined; item = queue.take(isAllowed)) taken.push(item);
  return taken;
}

test('serves runs in turn, each in the order of its calls', () => {
  const queue = new FairQueue<string>();
  for (const item of ['a1', 'a2', 'a3', 'a4']) queue.push('a', item);
  for (const item of ['b1', 'b2']) queue.push('b', item);
  assert.deepEqual(drain(queue), ['a1', 'b1', 'a2', 'b2', 'a3', 'a4']);
});

test('serves a run of a smaller number first, as long as it may start something', () => {
  const queue = new FairQueue<string>((run) => (run === 'b' ? 1 : 3));
  for (const item of ['a1', 'a2', 'b1', 'b2', 'b3', 'c1']) queue.push(item.charAt(0), item);
  assert.equal(queue.take((item) => !item.startsWith('b')), 'a1');
  assert.deepEqual(drain(queue), ['b1', 'b2', 'b3', 'c1', 'a2']);
});

test('puts a call that comes back behind the others of its run', () => {
  const queue = new FairQueue<string>();
  for (const item of ['a1', 'a2', 'a3']) queue.push('a', item);
  const first = queue.take(() => true);
  queue.push('a', `${first} again`);
  assert.deepEqual(drain(queue), ['a2', 'a3', 'a1 again']);
});

test('passes over a run that may not start anything', () => {
  const queue = new FairQueue<string>();
  queue.push('a', 'a1');
  queue.push('b', 'b1');
  assert.deepEqual(
    drain(queue, (item) => item.startsWith('b')),
    ['b1'],
  );
  assert.equal(queue.size, 1);
});

test('loses and repeats nothing, whatever is pushed, taken and removed', () => {
  const run = fc.constantFrom('a', 'b', 'c');
  const step = fc.oneof(fc.record({ push: run }), fc.record({ take: fc.constant(true) }), fc.record({ remove: run }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new FairQueue<string>();
      const waiting = new Set<string>();
      let serial = 0;
      for (const action of steps) {
        if ('push' in action) {
          const item = `${action.push}${serial++}`;
          waiting.add(item);
          queue.push(action.push, item);
        } else if ('take' in action) {
          const item = queue.take(() => true);
          assert.equal(item === undefined, waiting.size === 0);
          if (item !== undefined) assert.ok(waiting.delete(item));
        } else {
          for (const item of queue.remove((each) => each.startsWith(action.remove))) assert.ok(waiting.delete(item));
          assert.ok([...waiting].every((each) => !each.startsWith(action.remove)));
        }
        assert.equal(queue.size, waiting.size);
      }
    }),
  );
});
