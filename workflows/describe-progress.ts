import { setCurrentDetails } from '@temporalio/workflow';
import type { PauseCause } from '../pipeline/run-contract.ts';
import type { RecordCounts } from '../pipeline/run-statistics.ts';

/** Shows progress as markdown on the workflow's page in the Temporal UI. Costs no history events. */
export function describeProgress(counts: RecordCounts, staged: number, { pause = null, reviews = 0 }: { pause?: PauseCause | null; reviews?: number } = {}): void {
  // A record that has become several is as many to account for.
  const total = staged + counts.spawned;
  const lines = [
    '| records | written | failed | filtered | cancelled |',
    '| --- | --- | --- | --- | --- |',
    `| ${total} | ${counts.written} | ${counts.failed} | ${counts.filtered} | ${counts.cancelled} |`,
  ];
  if (reviews > 0) lines.push('', `**${reviews} records wait for a human**`, '', 'Decide by `syngraph review`, or by the update `review`.');
  if (pause !== null) {
    lines.push('', `**Paused: ${pause.message}**`, '', `${pause.nextStep ?? ''} Then send the signal \`proceed\`.`);
  }
  setCurrentDetails(lines.join('\n'));
}
