import { runFolder } from '../../activities/run/run-files.ts';
import { readJson } from '../../activities/store/read-json.ts';
import type { Store } from '../../activities/store/store.ts';
import type { RunName } from '../runs/run-name.ts';
import type { Sample, SampledNode } from './estimate-run.ts';

/** What an estimate has gone by lies beside the sample's run, for the next estimate that finds its answers. */
const keyOf = (name: RunName): string => `${runFolder({ ...name })}/sample.json`;

export async function keepSample(store: Store, name: RunName, sample: Sample): Promise<void> {
  await store.write(keyOf(name), JSON.stringify(sample));
}

/**
 * The sample that has paid for the answers of this one: it knows their tokens, and how long they took.
 * What they cost is told by this one, which knows today's prices. null: they come from elsewhere.
 * @param origins runs that answers were taken from
 */
export async function sampleBehind(store: Store, { pipeline, origins, sample }: { pipeline: string; origins: ReadonlySet<string>; sample: Sample }): Promise<Sample | null> {
  const [run] = origins;
  if (run === undefined || origins.size > 1) return null;
  const earlier = await readJson<Sample>(store, keyOf({ pipeline, run }));
  if (earlier === null || earlier.records !== sample.records || earlier.groups.length !== sample.groups.length) return null;
  const groups = earlier.groups.map((nodes, group) => nodes.map((node, index) => withCost(node, sample.groups[group]?.[index])));
  return { ...earlier, groups };
}

function withCost(earlier: SampledNode, now: SampledNode | undefined): SampledNode {
  if (now === undefined || now.reused === 0 || now.saved == null || now.cost === null || earlier.reused > 0) return earlier;
  return { ...earlier, cost: now.cost + now.saved };
}
