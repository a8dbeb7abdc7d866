import { setCurrentDetails } from '@temporalio/workflow';
import { showing } from './activity-proxies.ts';
import type { RecordInput } from '../pipeline/run-contract.ts';

/**
 * Stands for one failed record: its input shows the record in the Temporal UI, and its activity
 * fails with the stored error, so that the list of failed workflows is the list of failed records.
 */
export async function record(input: RecordInput): Promise<void> {
  const { failed } = input;
  setCurrentDetails(
    [
      `**${failed.code}** in node \`${failed.node}\` after ${failed.attempts} attempts: ${failed.message}`,
      ...block('state', failed.state),
      ...block('prompt', failed.prompt),
      ...block('answer', failed.answer),
    ].join('\n'),
  );
  await showing.showFailure(input);
}

function block(title: string, content: string | null): string[] {
  return content === null ? [] : ['', `### ${title}`, '```', content.replaceAll('```', "'''"), '```'];
}
