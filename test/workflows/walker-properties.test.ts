import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { END, type SubgraphWalk, type WalkTable } from '../../pipeline/plan.ts';
import { chance, simulateWalk, type Behaviour, type SimulatedGraph, type SimulatedOutcome } from './simulated-walk.ts';

type Kind = 'step' | 'fail' | 'filter' | 'split' | 'gather' | 'park' | 'leave';

/** A graph as its blocks, one after the other. */
type Block =
  | { node: Kind }
  /** Branches that part after a node and meet in another one. */
  | { branches: Block[][] }
  /** Again from its beginning, up to twice more. */
  | { loop: Block[] }
  | { subgraph: Block[] };

interface FlatNode {
  kind: Kind | 'fork' | 'join' | 'again' | 'subgraph';
  targets: number[];
  /** Where a loop begins. */
  back: number | null;
}

/** Lays the blocks out as the compiler does: nodes of subgraphs behind all others, reach without back edges. */
function layOut(blocks: Block[], salt: number): SimulatedGraph {
  const nodes: FlatNode[] = [];
  const subgraphs: SubgraphWalk[] = [];
  const waiting: { node: number; blocks: Block[] }[] = [];
  const add = (kind: FlatNode['kind']): number => nodes.push({ kind, targets: [], back: null }) - 1;

  /** @returns the first node, and those whose next targets are open */
  function chain(list: Block[]): { first: number; last: number } {
    let first: number | null = null;
    let last = -1;
    for (const block of list) {
      const placed = place(block);
      first ??= placed.first;
      if (last >= 0) nodes[last]!.targets.push(placed.first);
      last = placed.last;
    }
    return { first: first!, last };
  }

  function place(block: Block): { first: number; last: number } {
    if ('node' in block) {
      const node = add(block.node);
      return { first: node, last: node };
    }
    if ('subgraph' in block) {
      const node = add('subgraph');
      waiting.push({ node, blocks: block.subgraph });
      return { first: node, last: node };
    }
    if ('loop' in block) {
      const inner = chain(block.loop);
      const again = add('again');
      nodes[inner.last]!.targets.push(again);
      nodes[again]!.back = inner.first;
      return { first: inner.first, last: again };
    }
    const fork = add('fork');
    const ends = block.branches.map((branch) => {
      const { first, last } = chain(branch);
      nodes[fork]!.targets.push(first);
      return last;
    });
    const join = add('join');
    for (const end of ends) nodes[end]!.targets.push(join);
    return { first: fork, last: join };
  }

  const start = chain(blocks);
  nodes[start.last]!.targets.push(END);
  for (let inner = waiting.shift(); inner !== undefined; inner = waiting.shift()) {
    const { first, last } = chain(inner.blocks);
    nodes[last]!.targets.push(END);
    subgraphs.push({ node: inner.node, start: [first], next: nodes[inner.node]!.targets });
  }
  const startOf = new Map(subgraphs.map(({ node, start: first }) => [node, first![0]!]));
  const holds = (kind: Kind, node: number): boolean =>
    nodes[node]!.kind === kind || (startOf.has(node) && [startOf.get(node)!, ...reachedFrom(startOf.get(node)!)].some((inner) => holds(kind, inner)));
  const reachedFrom = (node: number): number[] => {
    const found = new Set<number>();
    const visit = (from: number): void => nodes[from]!.targets.forEach((to) => void (to !== END && !found.has(to) && (found.add(to), visit(to))));
    visit(node);
    return [...found];
  };
  const all = [...nodes.keys()];
  const walk: WalkTable = {
    nodes: nodes.map(({ kind }, index) => `${kind}${index}`), start: [start.first], reach: all.map(reachedFrom), maxVisits: 4, subgraphs,
    gathering: all.filter((node) => holds('gather', node)), splitting: all.filter((node) => holds('split', node)), parking: all.filter((node) => nodes[node]!.kind === 'park'),
  };
  return { walk, behave: (node, { id, visit }) => behave(nodes[node]!, (below) => chance(below, salt, node, id, visit), visit) };
}

function behave({ kind, targets, back }: FlatNode, draw: (below: number) => number, visit: number | string): Behaviour {
  switch (kind) {
    case 'fail':
      return draw(3) === 0 ? { kind: 'fail' } : { kind: 'go', targets };
    case 'filter':
      return draw(3) === 0 ? { kind: 'filter' } : { kind: 'go', targets };
    case 'split':
      return { kind: 'split', children: draw(4), targets };
    case 'leave':
      return { kind: 'go', targets: draw(2) === 0 ? [...targets, END] : draw(4) === 0 ? [END] : targets };
    case 'fork':
      return { kind: 'go', targets: targets.filter((_, index) => index === 0 || draw(index + 5) > 0) };
    case 'again':
      return { kind: 'go', targets: back !== null && Number(String(visit).split('.').at(-1)) < 3 && draw(2) === 0 ? [back] : targets };
    default:
      return { kind: 'go', targets };
  }
}

/** @param alone kinds that may stand where a record is in one piece; those in branches never take it away as a whole. */
function blocksOf(alone: Kind[], inBranches: Kind[]): fc.Arbitrary<Block[]> {
  const node = (kinds: Kind[]): fc.Arbitrary<Block> => fc.constantFrom(...kinds).map((kind) => ({ node: kind }));
  const inner = alone.filter((kind) => kind !== 'park');
  const branch = fc.array(fc.oneof({ weight: 3, arbitrary: node(inBranches) }, { weight: 1, arbitrary: fc.array(node(inBranches), { minLength: 1, maxLength: 2 }).map((subgraph): Block => ({ subgraph })) }), { minLength: 1, maxLength: 3 });
  const fork = fc.array(branch, { minLength: 2, maxLength: 3 }).map((branches): Block => ({ branches }));
  const simple = (kinds: Kind[]): fc.Arbitrary<Block> => fc.oneof({ weight: 3, arbitrary: node(kinds) }, { weight: 1, arbitrary: fork });
  const list = (block: fc.Arbitrary<Block>): fc.Arbitrary<Block[]> => fc.array(block, { minLength: 1, maxLength: 4 });
  const nested = list(fc.oneof({ weight: 3, arbitrary: simple(inner) }, { weight: 1, arbitrary: list(simple(inner)).map((subgraph): Block => ({ subgraph })) }));
  return list(
    fc.oneof({ weight: 4, arbitrary: simple(alone) }, { weight: 1, arbitrary: list(simple(alone)).map((loop): Block => ({ loop })) }, { weight: 2, arbitrary: nested.map((subgraph): Block => ({ subgraph })) }),
  );
}

const ALL: Kind[] = ['step', 'fail', 'filter', 'split', 'gather', 'park', 'leave'];
const orders = fc.array(fc.nat(7), { minLength: 1, maxLength: 12 });

/** A record with a branch at its end is split all the same. */
const LEAVING_BEFORE_SPLIT: Block[] = [{ loop: [{ node: 'leave' }] }, { loop: [{ node: 'split' }, { node: 'step' }] }];

/** Subgraphs that share the positions of the one around them. */
const NESTED_SPLITS: Block[] = [{ subgraph: [{ subgraph: [{ node: 'split' }, { node: 'split' }] }, { node: 'split' }] }, { node: 'split' }];

function picker(order: number[]): (open: number) => number {
  let step = 0;
  return (open) => (order[step++ % order.length] ?? 0) % Math.max(1, open);
}

function assertEachEndsOnce(outcome: Omit<SimulatedOutcome, 'phases'>, records: number): void {
  const { finished, failed, filtered, spawned } = outcome;
  assert.equal(finished.size + failed.length + filtered, records + spawned);
  assert.equal(new Set([...finished.keys(), ...failed]).size, finished.size + failed.length, 'no record ends in two ways');
}

describe('the walk of any batch through any graph', () => {
  test('ends every record and child exactly once, and never mixes their states', () => {
    fc.assert(
      fc.property(blocksOf(ALL, ['step', 'fail', 'filter', 'gather']), fc.integer({ min: 1, max: 6 }), fc.nat(10_000), orders, (blocks, records, salt, order) => {
        assertEachEndsOnce(simulateWalk(layOut(blocks, salt), records, picker(order)), records);
      }),
      { numRuns: 150, examples: [[LEAVING_BEFORE_SPLIT, 1, 7259, [0]], [NESTED_SPLITS, 1, 0, [0]]] },
    );
  });

  test('ends in the same way whatever is faster, where no branch takes a record from another one', () => {
    fc.assert(
      fc.property(blocksOf(ALL, ['step', 'gather']), fc.integer({ min: 1, max: 6 }), fc.nat(10_000), orders, (blocks, records, salt, order) => {
        const graph = layOut(blocks, salt);
        const { phases: _, ...first } = simulateWalk(graph, records, () => 0);
        assertEachEndsOnce(first, records);
        for (const pick of [picker(order), (open: number) => open - 1]) {
          const { phases: __, ...other } = simulateWalk(graph, records, pick);
          assert.deepEqual(other, first);
        }
      }),
      { numRuns: 100 },
    );
  });
});
