import { QualityTally, type QualityReport } from '../../analysis/quality-tally.ts';
import { ruleLimits } from '../../analysis/rule-limits.ts';
import type { Store } from '../../activities/store/store.ts';
import { readSummary } from '../runs/read-summary.ts';
import type { RunName } from '../runs/run-name.ts';
import { runRows } from './run-rows.ts';

/** What the tags of a run's rows say: those of the workflow that has tagged its output, or its own. null: there are none. */
export async function qualityOfRun(store: Store, name: RunName): Promise<QualityReport | null> {
  const [pipeline, run] = (await readSummary(store, name))?.quality?.workflowId.split('/') ?? [];
  const tagged = pipeline === undefined || run === undefined ? name : { pipeline, run };
  const tally = new QualityTally({ key: 'metadata', random: () => 0 });
  let number = 0;
  for await (const { row } of runRows(store, tagged)) tally.add(row, { file: tagged.run, number: (number += 1) });
  const report = tally.report(ruleLimits({}));
  return report.accepted + report.rejected === 0 ? null : report;
}
