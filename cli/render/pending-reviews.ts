import type { PendingReview } from '../../activities/run/review-files.ts';
import type { Colours } from '../terminal.ts';
import { printable } from './format.ts';

const VALUE_CHARACTERS = 2_000;

/** Records that wait, by node, each with what its reviewer is to see. */
export function renderPendingReviews(reviews: readonly PendingReview[], colours: Colours): string[] {
  const lines: string[] = [];
  let shown: PendingReview | undefined;
  for (const review of reviews) {
    if (review.node !== shown?.node) {
      lines.push(...(shown === undefined ? [] : ['']), colours.bold(printable(review.node, { oneLine: true, most: 60 })));
      if (review.instructions !== null) lines.push(...indented(printable(review.instructions, { most: VALUE_CHARACTERS })));
    }
    shown = review;
    lines.push(`  ${colours.cyan(printable(review.id, { oneLine: true }))}`, ...Object.entries(review.show).flatMap(([key, value]) => renderValue(key, value)));
  }
  return lines;
}

function renderValue(key: string, value: unknown): string[] {
  const text = printable(typeof value === 'string' ? value : JSON.stringify(value), { most: VALUE_CHARACTERS });
  const name = printable(key, { oneLine: true, most: 60 });
  return text.includes('\n') ? [`    ${name}:`, ...indented(text).map((line) => `    ${line}`)] : [`    ${name}: ${text}`];
}

function indented(text: string): string[] {
  return text.split('\n').map((line) => `  ${line}`.trimEnd());
}
