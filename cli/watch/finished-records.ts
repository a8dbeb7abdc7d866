import { wholeParts } from '../../activities/run/range-files.ts';
import type { StagedIndex } from '../../activities/run/staged-range.ts';
import { readJson } from '../../activities/store/read-json.ts';
import type { Store } from '../../activities/store/store.ts';
import { END, type NodePlan, type Plan } from '../../pipeline/plan.ts';
import type { LiveTotals } from '../runs/read-live.ts';

/**
 * Records that have come to the end of the graph, by the counters of the workers: long before their
 * batches close. null where the counters cannot tell it, as where a condition decides whether a
 * record ends or loops, or where records become several; never more than have really ended.
 */
export function recordsThroughGraph(plan: Pick<Plan, 'nodes' | 'walk'>, live: Pick<LiveTotals, 'nodes'>): number | null {
  if (plan.nodes.some(makesSeveral)) return null;
  const boxes = plan.nodes.flatMap(({ kind, name }) => (kind === 'subgraph' ? [`${name}/`] : []));
  // END inside a subgraph leads back out of it.
  const nodes = plan.nodes.filter(({ name }) => !boxes.some((box) => name.startsWith(box)));
  const endsByCondition = nodes.some(({ route }) => route.conditions.some(({ paths }) => Object.values(paths).some((targets) => targets.includes(END))));
  const last = nodes.filter(({ route }) => route.conditions.length === 0 && route.always.every((target) => target === END));
  if (last.length === 0) return null;
  const done = last.map(({ name }) => live.nodes[name]?.records ?? 0);
  const fansOut = plan.walk.reach.some((row) => row.length > 0);
  // A record with several branches has ended when the last of them has.
  if (fansOut) return endsByCondition ? null : Math.min(...done);
  const names = new Set(last.map(({ name }) => name));
  const failedBefore = Object.entries(live.nodes).map(([name, node]) => (names.has(name) ? 0 : node.failed));
  return [...done, ...failedBefore].reduce((sum, count) => sum + count, 0);
}

/** What came of a record is more than one record then, of which any may still be on its way. */
function makesSeveral(node: NodePlan): boolean {
  return node.kind === 'fan_out' || (node.kind === 'lambda' && node.rows) || (node.kind === 'llm' && node.samples.as === 'rows' && node.samples.count > 1);
}

/** Records whose batches were finished before now, by an earlier execution of the run or by other workers. */
export async function recordsInParts(store: Store, folder: string): Promise<number> {
  const ranges = (await store.list(`${folder}/source`)).filter((key) => key.endsWith('.json'));
  const counts = await Promise.all(ranges.map((key) => finishedOfRange(store, folder, key)));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function finishedOfRange(store: Store, folder: string, indexKey: string): Promise<number> {
  const index = await readJson<StagedIndex>(store, indexKey);
  if (index === null) return 0;
  const range = Number.parseInt(indexKey.slice(indexKey.lastIndexOf('/') + 1), 10);
  const parts = await wholeParts(store, folder, range);
  return [...parts.keys()].reduce((sum, batch) => sum + Math.max(0, Math.min(index.batchSize, index.records - batch * index.batchSize)), 0);
}
