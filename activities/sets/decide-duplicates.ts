import type { DuplicatePairs } from './duplicate-pairs.ts';
import { type DecideRecord, DROP, KEEP } from './set-decision.ts';
import type { WorkFor } from './set-work.ts';
import { writeDuplicateReport } from './write-duplicate-report.ts';

/** The decisions of a deduplication, once its report is written. `dropped` holds 1 for what goes. */
export async function decideDuplicates(
  work: WorkFor<'deduplicate_exact' | 'deduplicate_minhash' | 'deduplicate_embedding'>,
  { dropped, pairs }: { dropped: Uint8Array; pairs: DuplicatePairs },
): Promise<DecideRecord> {
  if (work.operation.report !== null) await writeDuplicateReport(work, { report: work.operation.report, dropped, pairs });
  return (index) => (dropped[index] === 1 ? DROP : KEEP);
}
