import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createFolderStore } from '../../../activities/store/folder-store.ts';
import { recordsInParts, recordsThroughGraph } from '../../../cli/watch/finished-records.ts';
import { END, type NodePlan, type Plan } from '../../../pipeline/plan.ts';
import { emptyStatistics } from '../../../pipeline/run-statistics.ts';

/** Nodes `a`, `b` … with their targets; a list within a list is decided by a condition. */
function graph(targets: (number | number[])[][], reach: number[][] = []): Pick<Plan, 'nodes' | 'walk'> {
  const nodes = targets.map((list, index) => ({
    name: String.fromCharCode(97 + index),
    route: {
      always: list.filter((target) => typeof target === 'number'),
      conditions: list.filter((target) => typeof target !== 'number').map((choices) => ({ function: 'f', paths: Object.fromEntries(choices.map((target) => [String(target), [target]])) })),
    },
  }));
  return { nodes: nodes as unknown as NodePlan[], walk: { nodes: [], start: [0], reach, maxVisits: 100 } };
}

function live(counts: Record<string, { records: number; failed?: number }>): Parameters<typeof recordsThroughGraph>[1] {
  return { nodes: Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, { ...emptyStatistics(), inFlight: 0, ...count }])) };
}

describe('recordsThroughGraph', () => {
  it('counts the records of the last node, and those that failed before it', () => {
    assert.equal(recordsThroughGraph(graph([[1], [END]]), live({ a: { records: 60, failed: 2 }, b: { records: 40, failed: 5 } })), 42);
  });

  it('adds up nodes of which a record meets one', () => {
    assert.equal(recordsThroughGraph(graph([[[1, 2]], [END], [END]]), live({ a: { records: 9 }, b: { records: 4 }, c: { records: 3 } })), 7);
  });

  it('waits for the slowest of a record’s branches', () => {
    assert.equal(recordsThroughGraph(graph([[1, 2], [END], [END]], [[1, 2], [], []]), live({ a: { records: 9 }, b: { records: 8 }, c: { records: 3 } })), 3);
  });

  it('cannot tell where a condition decides between END and a loop', () => {
    assert.equal(recordsThroughGraph(graph([[1], [[0, END]]]), live({ a: { records: 9 }, b: { records: 8 } })), null);
  });

  it('takes the end of a subgraph for no end, and cannot tell where records become several', () => {
    const plan = graph([[1], [END], [END]]);
    const [first, second, inner] = plan.nodes as [NodePlan, NodePlan, NodePlan];
    const nodes = [{ ...first, kind: 'subgraph' }, second, { ...inner, name: 'a/x' }] as NodePlan[];
    assert.equal(recordsThroughGraph({ ...plan, nodes }, live({ 'a/x': { records: 9, failed: 1 }, b: { records: 4 } })), 5);
    const split = [{ ...first, kind: 'fan_out' }, second, inner] as NodePlan[];
    assert.equal(recordsThroughGraph({ ...plan, nodes: split }, live({ b: { records: 4 } })), null);
  });

  it('is zero before anything has happened', () => assert.equal(recordsThroughGraph(graph([[END]]), live({})), 0));
});

describe('recordsInParts', () => {
  it('counts the records of whole batches, once each', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'syngraph-parts-'));
    const store = createFolderStore(folder);
    await store.write('run/source/00000.json', JSON.stringify({ firstOrdinal: 0, records: 25, batchSize: 10, last: true, offsets: null }));
    for (const part of ['000-001-aaaaaa.jsonl', '000-002-bbbbbb.jsonl', '001-001-cccccc.partial.jsonl', '002-001-dddddd.jsonl']) {
      await store.write(`run/parts/00000/${part}`, '');
    }
    assert.equal(await recordsInParts(store, 'run'), 15);
    assert.equal(await recordsInParts(store, 'none'), 0);
    await rm(folder, { recursive: true });
  });
});
