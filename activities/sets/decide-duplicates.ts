import type { DuplicatePairs } from './duplicate-pairs.ts';
import { type DecideRecord, DROP, KEEP, type SetDecision } from './set-decision.ts';
import { recordNames } from './record-names.ts';
import type { WorkFor } from './set-work.ts';
import { writeDuplicateReport } from './write-duplicate-report.ts';

/** What people know a record by, where it has it. */
const OWN_ID = 'id';

/** The decisions of a deduplication, once its report is written. `dropped` holds 1 for what goes. */
export async function decideDuplicates(
  work: WorkFor<'deduplicate_exact' | 'deduplicate_minhash' | 'deduplicate_embedding'>,
  { dropped, pairs }: { dropped: Uint8Array; pairs: DuplicatePairs },
): Promise<DecideRecord> {
  if (work.operation.report !== null) await writeDuplicateReport(work, { report: work.operation.report, dropped, pairs });
  const { tag } = work.operation;
  if (tag === undefined) return (index) => (dropped[index] === 1 ? DROP : KEEP);
  const names = await recordNames(work, { wanted: new Set(pairs.list.map(({ kept }) => kept)), idField: OWN_ID });
  const decisions = new Map(pairs.list.map(({ kept, dropped: record, similarity }): [number, SetDecision] => [record, { kind: 'duplicate', into: tag.into, of: names.get(kept) ?? String(kept), similarity }]));
  return (index) => decisions.get(index) ?? KEEP;
}
