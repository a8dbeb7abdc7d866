import { formatCost } from '../format.ts';

/** Seconds as people read latencies: `85 ms`, `1.24 s`. */
export function formatSeconds(seconds: number | null): string {
  if (seconds === null) return '';
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds < 10 ? seconds.toFixed(2) : seconds.toFixed(1)} s`;
}

/** Dollars, or that nobody knows them. */
export function costOrUnknown(cost: number | null): string {
  return cost === null ? 'unknown' : formatCost(cost);
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.01 ? 2 : 1)} %`;
}
