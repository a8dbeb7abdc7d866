import { setCurrentDetails } from '@temporalio/workflow';
import type { PauseCause } from '../pipeline/run-contract.ts';
import type { RecordCounts } from '../pipeline/run-statistics.ts';

/** Shows progress as markdown on the workflow's page in the Temporal UI. Costs no history events. */
export function describeProgress(counts: RecordCounts, total: number, pause: PauseCause | null = null): void {
  const lines = [
    '| records | written | failed | filtered | cancelled |',
    '| --- | --- | --- | --- | --- |',
    `| ${total} | ${counts.written} | ${counts.failed} | ${counts.filtered} | ${counts.cancelled} |`,
  ];
  if (pause !== null) {
    lines.push('', `**Paused: ${pause.message}**`, '', `${pause.nextStep ?? ''} Then send the signal \`proceed\`.`);
  }
  setCurrentDetails(lines.join('\n'));
}
