import { formatCost, formatCount, formatDuration } from '../render/format.ts';
import type { Estimated, RunEstimate } from './estimate-run.ts';

/** An estimate for people. */
export function renderEstimate(estimate: RunEstimate, { task, simulatedModels }: { task: string; simulatedModels: readonly string[] }): string[] {
  const { records, sampledRecords, cost, unknownPrices, tokens, calls, seconds, limitedBy, failedShare } = estimate;
  const unknown = unknownPrices.length > 0 ? `unknown: ${unknownPrices.join(', ')} has no price; give it one in models.yaml` : 'unknown: the answers of the sample were reused; --fresh asks again';
  return [
    '',
    `${task}, ${formatCount(records)} records, by ${formatCount(sampledRecords)} of them (95 % intervals):`,
    `  calls     ${withError(calls, whole)}`,
    `  tokens    ${tokens === null ? unknown : withError(tokens, whole)}`,
    `  cost      ${cost === null ? unknown : withError(cost, formatCost)}`,
    `  duration  ${seconds === null ? `unknown: ${limitedBy}` : `about ${formatDuration(seconds)}, with ${limitedBy}`}`,
    ...(failedShare === 0 ? [] : [`  ${Math.round(100 * failedShare)} % of the sample failed; syngraph preview shows why.`]),
    ...(simulatedModels.length === 0 ? [] : [`  The answers of ${simulatedModels.join(', ')} were simulated: this says nothing of a real model.`]),
    `The sample is paid for once: a run with the same seed reuses its answers.`,
  ];
}

function whole(value: number): string {
  return formatCount(Math.round(value));
}

function withError({ value, error }: Estimated, format: (value: number) => string): string {
  return `${format(value)} ${Number.isFinite(error) ? `± ${format(error)}` : 'from a single group, so give or take anything'}`;
}
