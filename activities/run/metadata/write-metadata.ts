import type { RunMetadata } from '../../../pipeline/metrics/run-metadata.ts';
import type { RunSummary } from '../../../pipeline/run-contract.ts';
import { SyngraphError } from '../../../pipeline/errors.ts';
import { writeWholeText } from '../../data/write-whole.ts';
import { loadPlan } from '../../planning/load-plan.ts';
import { readJson } from '../../store/read-json.ts';
import type { Store } from '../../store/store.ts';
import type { RunLayer } from '../retry/run-with-retries.ts';
import type { RunContext } from '../run-context.ts';
import type { RunDescription } from '../run-files.ts';
import { collectMetrics, type MeasuredLayer } from './collect-metrics.ts';
import type { FailureCounts } from './count-failures.ts';
import { describeRun } from './describe-run.ts';

export function metadataKey(folder: string): string {
  return `${folder}/metadata.json`;
}

/** Writes what the run was and did, into the store and beside the output. Reads sums alone, no records. */
export async function writeMetadata(options: {
  store: Store;
  run: RunContext;
  layer: RunLayer;
  /** Of the run's retries. */
  layers: readonly RunLayer[];
  summary: RunSummary;
  failures: FailureCounts;
}): Promise<RunMetadata> {
  const { store, run, layer, layers, summary, failures } = options;
  const { description, plan } = run;
  const retries = await Promise.all(layers.map((retry) => measured(store, retry)));
  const metrics = await collectMetrics(store, [{ ...layer, plan }, ...retries]);
  const metadata = describeRun({ description, plan, otherPlans: retries.map((retry) => retry.plan), summary, metrics, failures });
  const text = JSON.stringify(metadata, null, 2);
  await store.write(metadataKey(run.folder), text);
  const path = description.metadata;
  if (path !== undefined && summary.output !== null) await writeWholeText(path, `${text}\n`);
  return metadata;
}

async function measured(store: Store, layer: RunLayer): Promise<MeasuredLayer> {
  const description = await readJson<RunDescription>(store, `${layer.folder}/run.json`);
  if (description === null) throw new SyngraphError({ code: 'STORE_INVALID', message: `the store ${store.location} lacks ${layer.folder}/run.json` });
  return { ...layer, plan: await loadPlan(store, description.reference.planHash) };
}
