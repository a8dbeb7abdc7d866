import { setCurrentDetails } from '@temporalio/workflow';
import { describeControl, type PauseCause, type RunControl } from '../pipeline/run-contract.ts';
import type { RecordCounts } from '../pipeline/run-statistics.ts';

export interface Circumstances {
  pause?: PauseCause | null;
  /** Why the run stops before its end. */
  stop?: PauseCause | null;
  /** Records that wait for others, for a provider's batches, or for a human. */
  waiting?: number;
  /** Those of them that wait for a human. */
  reviews?: number;
  /** The workflow that tags what the run has written. */
  tagging?: string | null;
  control?: RunControl;
}

/** Shows progress as markdown on the workflow's page in the Temporal UI. Costs no history events. */
export function describeProgress(counts: RecordCounts, staged: number, { pause = null, stop = null, waiting = 0, reviews = 0, tagging = null, control = {} }: Circumstances = {}): void {
  // A record that has become several is as many to account for.
  const total = staged + counts.spawned;
  const lines = [
    '| records | written | failed | filtered | cancelled |',
    '| --- | --- | --- | --- | --- |',
    `| ${total} | ${counts.written} | ${counts.failed} | ${counts.filtered} | ${counts.cancelled} |`,
  ];
  if (waiting > reviews) lines.push('', `${waiting} records wait to go on.`);
  if (reviews > 0) lines.push('', `**${reviews} records wait for a human**`, '', 'Decide by `syngraph review`, or by the update `review`.');
  if (tagging !== null) lines.push('', `The output is being tagged by \`${tagging}\`.`);
  if (pause !== null) {
    lines.push('', `**Paused: ${pause.message}**`, '', `${pause.nextStep ?? ''} Then send the signal \`proceed\`.`);
  }
  if (stop !== null) lines.push('', `**Stopping: ${stop.message}**`, '', stop.nextStep ?? '');
  const changes = describeControl(control);
  if (changes.length > 0) lines.push('', ...changes.map((change) => `- ${change}`));
  setCurrentDetails(lines.join('\n'));
}
