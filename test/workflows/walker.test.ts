import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeRecords } from '../../pipeline/encode-records.ts';
import { END, type WalkTable } from '../../pipeline/plan.ts';
import { START_NODE, type NodeResult } from '../../pipeline/run-contract.ts';
import { emptyStatistics } from '../../pipeline/run-statistics.ts';
import { enterBatch } from '../../workflows/walk-entry.ts';
import { createWalker, type Chunk, type Walker } from '../../workflows/walker.ts';

/** Routes of a record at a node: which targets it takes at its n-th visit. */
type Route = (node: number, record: number, visit: number) => number[] | 'fail';

function resultOf(chunk: Chunk, route: Route): NodeResult {
  const targets: number[][] = [];
  let routes = '';
  for (const group of chunk.groups) {
    for (const record of group.records) {
      const taken = route(chunk.node, record, Number(group.visit));
      if (taken === 'fail') {
        routes += '!';
        continue;
      }
      const known = targets.findIndex((candidate) => candidate.join() === taken.join());
      routes += String.fromCharCode(0x30 + (known === -1 ? targets.push(taken) - 1 : known));
    }
  }
  return { result: `r${chunk.sequence}`, targets, routes, statistics: emptyStatistics() };
}

/** Completes activities in the order that `pick` says, and returns what ran, in order of start. */
function walkThrough(walker: Walker, route: Route, pick: (open: number) => number = () => 0): Chunk[] {
  const started: Chunk[] = [];
  let open: Chunk[] = [];
  for (;;) {
    const ready = walker.takeReady();
    started.push(...ready);
    open = [...open, ...ready];
    const chunk = open.splice(pick(open.length), 1)[0];
    if (chunk === undefined) return started;
    walker.complete(chunk.sequence, resultOf(chunk, route));
  }
}

const chain: WalkTable = { nodes: ['a', 'b'], start: [0], reach: [[1], []], maxVisits: 100 };
const diamond: WalkTable = { nodes: ['a', 'left', 'long', 'right', 'join'], start: [0], reach: [[1, 2, 3, 4], [2, 4], [4], [4], []], maxVisits: 100 };
const diamondRoute: Route = (node) => [[1, 3], [2], [4], [4], [END]][node] ?? [END];
const loop: WalkTable = { nodes: ['write', 'judge'], start: [0], reach: [[1], []], maxVisits: 5 };

test('takes all records of a chain through one activity per node', () => {
  const walker = createWalker(chain, enterBatch(chain, 100));
  const started = walkThrough(walker, (node) => (node === 0 ? [1] : [END]));
  assert.deepEqual(started.map((chunk) => [chunk.node, chunk.groups.length, chunk.groups[0]?.records.length]), [[0, 1, 100], [1, 1, 100]]);
  assert.deepEqual(walker.outcome().finished.map((group) => group.history), [['r0', 'r1']]);
});

test('starts both branches of a fan-out at once and lets the join wait for the longer one', () => {
  const walker = createWalker(diamond, enterBatch(diamond, 3));
  const [first] = walker.takeReady();
  assert.ok(first);
  walker.complete(first.sequence, resultOf(first, diamondRoute));
  const branches = walker.takeReady();
  assert.deepEqual(branches.map((chunk) => chunk.node), [1, 3]);
  const right = branches[1];
  assert.ok(right);
  walker.complete(right.sequence, resultOf(right, diamondRoute));
  assert.deepEqual(walker.takeReady(), [], 'the join must wait for the left branch');
});

test('gives a join the same history whichever branch was faster', () => {
  const histories = [() => 0, (open: number) => open - 1].map((pick) => {
    const walker = createWalker(diamond, enterBatch(diamond, 2));
    const names = new Map<string, number>();
    for (const chunk of walkThrough(walker, diamondRoute, pick)) names.set(`r${chunk.sequence}`, chunk.node);
    return walker.outcome().finished.map((group) => group.history.map((name) => names.get(name)));
  });
  assert.deepEqual(histories[0], histories[1]);
  assert.deepEqual(histories[0], [[0, 1, 3, 2, 4]]);
});

test('a record that leaves by one branch does not hold the join', () => {
  const walker = createWalker(diamond, enterBatch(diamond, 2));
  const route: Route = (node, record) => (node === 1 && record === 1 ? [END] : diamondRoute(node, record, 1));
  const started = walkThrough(walker, route);
  const joined = started.filter((chunk) => chunk.node === 4).flatMap((chunk) => chunk.groups.flatMap((group) => group.records));
  assert.deepEqual(joined.sort(), [0, 1], 'a join fires with the branches that are left');
});

test('counts visits of a loop and fails what comes too often, naming where', () => {
  const walker = createWalker(loop, enterBatch(loop, 4));
  const started = walkThrough(walker, (node, record, visit) => (node === 0 ? [1] : record === 3 ? [0] : visit > record ? [END] : [0]));
  assert.equal(started.filter((chunk) => chunk.node === 0).length, 5);
  const { finished, overVisited } = walker.outcome();
  assert.deepEqual(finished.flatMap((group) => group.records).sort(), [0, 1, 2]);
  assert.deepEqual(overVisited.map(({ records, node }) => ({ records, node })), [{ records: '3', node: 0 }]);
});

test('a record that fails in one branch is dropped from the other', () => {
  const walker = createWalker(diamond, enterBatch(diamond, 2));
  walkThrough(walker, (node, record) => (node === 3 && record === 0 ? 'fail' : diamondRoute(node, record, 1)));
  const outcome = walker.outcome();
  assert.deepEqual(outcome.finished.flatMap((group) => group.records), [1]);
  assert.equal(outcome.failedIn.length, 1);
});

test('asks the conditions of START when it has some', () => {
  const walker = createWalker({ ...chain, start: null }, enterBatch({ ...chain, start: null }, 2));
  const [start] = walker.takeReady();
  assert.equal(start?.node, START_NODE);
});

test('leaves the records of an abandoned activity out of the outcome', () => {
  const walker = createWalker(chain, enterBatch(chain, 2));
  const [chunk] = walker.takeReady();
  assert.ok(chunk);
  walker.abandon(chunk.sequence);
  assert.deepEqual(walker.outcome(), { finished: [], overVisited: [], failedIn: [], filtered: 0, filteredBeside: [], spawned: 0, parkedAt: [] });
});

test('a gathering node waits for records that wait outside the batch', () => {
  const walk: WalkTable = { nodes: ['sort', 'review', 'gather'], start: [0], reach: [[1, 2], [2], []], maxVisits: 9, gathering: [2], parking: [1] };
  const route: Route = (node, record) => [record === 0 ? [1] : [2], [2], [END]][node] ?? [END];
  const first = createWalker(walk, enterBatch(walk, 3));
  assert.deepEqual(walkThrough(first, route).map(({ node }) => node), [0]);
  assert.deepEqual(first.outcome().parkedAt, [1]);
  const second = createWalker(walk, first.snapshot(), { released: [1] });
  const gathered = walkThrough(second, route).find(({ node }) => node === 2);
  assert.deepEqual(gathered?.groups.flatMap(({ records }) => records).sort(), [0, 1, 2]);
});

/** A random graph whose forward edges form a DAG, with some back edges, and deterministic routes. */
const graphs = fc.record({
  size: fc.integer({ min: 1, max: 6 }),
  records: fc.integer({ min: 1, max: 8 }),
  edges: fc.array(fc.tuple(fc.nat(5), fc.nat(6)), { maxLength: 14 }),
  salt: fc.nat(1000),
  order: fc.array(fc.nat(7), { minLength: 1, maxLength: 12 }),
});

test('every record of any graph ends exactly once, with a history that does not depend on timing', () => {
  fc.assert(
    fc.property(graphs, ({ size, records, edges, salt, order }) => {
      const targets = Array.from({ length: size }, (_, node) => {
        const forward = edges.filter(([from, to]) => from % size === node && to % (size + 1) > node).map(([, to]) => to % (size + 1));
        return [...new Set(forward.length === 0 ? [size] : forward)];
      });
      const reach = targets.map((_, node) => {
        const found = new Set<number>();
        const visit = (from: number): void => targets[from]?.forEach((to) => void (to < size && !found.has(to) && (found.add(to), visit(to))));
        visit(node);
        return [...found];
      });
      const route: Route = (node, record, visit) => {
        // Loops or fan-outs, not both: a loop out of one of several branches may be overtaken by the others.
        const loops = salt % 2 === 0;
        if (loops && visit < 3 && (salt + record + node) % 5 === 0) return [(salt + record) % (node + 1)];
        const open = (targets[node] ?? []).filter((_, index) => (record + salt + index) % 3 !== 0);
        const chosen = loops ? open.slice(0, 1) : open;
        return (chosen.length === 0 ? (targets[node] ?? []).slice(0, 1) : chosen).map((to) => (to === size ? END : to));
      };
      const walk: WalkTable = { nodes: targets.map(String), start: [0], reach, maxVisits: 10 };
      const ways = [0, 1].map((way) => {
        const walker = createWalker(walk, enterBatch(walk, records));
        let step = 0;
        const visits = new Map<string, string>();
        const started = walkThrough(walker, route, (open) => (way === 0 ? 0 : (order[step++ % order.length] ?? 0) % Math.max(1, open)));
        for (const chunk of started) visits.set(`r${chunk.sequence}`, `${chunk.node}`);
        const { finished, overVisited } = walker.outcome();
        const over = overVisited.map((group) => ({ ...group, records: decodeRecords(group.records) }));
        const ended = [...finished, ...over].flatMap((group) => group.records.map((record) => [record, group.history.map((name) => visits.get(name)).join('>')] as const));
        return new Map(ended.sort(([left], [right]) => left - right));
      });
      assert.deepEqual([...(ways[0]?.keys() ?? [])], Array.from({ length: records }, (_, record) => record));
      assert.deepEqual(ways[0], ways[1]);
    }),
    { numRuns: 300 },
  );
});
