import type { FailedRecordReport } from './run-contract.ts';

/** A failed record as Markdown: why and where, then what it looked like. Runs in the workflow sandbox too. */
export function describeFailedRecord(failed: Omit<FailedRecordReport, 'ordinal'>): string {
  const { id, node, code, message, attempts, input, state, prompt, answer, file } = failed;
  return [
    `**${code}** in node \`${node}\` after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}: ${message}`,
    ...(file === undefined ? [] : ['', `Record \`${id}\`; whole in \`${file}\`.`]),
    ...block('input', input ?? null),
    ...block('state before the node', state),
    ...block('prompt', prompt),
    ...block('answer of the model', answer),
  ].join('\n');
}

function block(title: string, content: string | null): string[] {
  if (content === null || content === '') return [];
  // A fence longer than any in the content cannot be closed by it.
  const longest = Math.max(2, ...[...content.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return ['', `### ${title}`, fence, content, fence];
}
