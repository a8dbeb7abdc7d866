import { SyngraphError } from './errors.ts';

const UNITS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const MOST_DAYS = 3_650;

/**
 * A point in time as ISO 8601, from one, or from a duration that begins now: `90m`, `6h`, `1d12h`.
 * A time without a zone is local.
 * @param now epoch milliseconds
 * @throws SyngraphError USAGE
 */
export function parseDeadline(text: string, now: number): string {
  const milliseconds = parseDuration(text);
  const at = milliseconds === null ? (/^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN) : now + milliseconds;
  if (Number.isFinite(at) && at - now <= MOST_DAYS * UNITS.d!) return new Date(at).toISOString();
  throw new SyngraphError({
    code: 'USAGE',
    message: `${JSON.stringify(text.slice(0, 60))} is no deadline`,
    nextStep: 'Give a duration such as 90m, 6h or 1d12h, or a time such as 2026-11-22T06:00 or 2026-11-22T06:00:00Z.',
  });
}

/** Milliseconds of `90m`, `1d12h` and the like; null where it is no such duration, or none at all. */
export function parseDuration(text: string): number | null {
  if (!/^(\d{1,9}(\.\d{1,3})?[smhd])+$/.test(text)) return null;
  const parts = [...text.matchAll(/([\d.]+)([smhd])/g)];
  const sum = parts.reduce((total, [, amount, unit]) => total + Number(amount) * (UNITS[unit ?? ''] ?? 0), 0);
  return sum > 0 ? sum : null;
}
