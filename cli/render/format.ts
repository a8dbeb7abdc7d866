/** 1234567 as `1,234,567`. */
export function formatCount(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** Seconds as `0.8 s`, `12 s`, `3 min 05 s`, `2 h 07 min`, `3 d 04 h`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '?';
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${pad(hours % 24)} h`;
}

/** Dollars; null is a price that nobody has stated. */
export function formatCost(cost: number | null): string {
  if (cost === null) return '-';
  if (cost === 0) return '$0';
  return cost < 0.1 ? `$${cost.toPrecision(2)}` : `$${cost.toFixed(2)}`;
}

/** A rate per second. */
export function formatRate(rate: number): string {
  return `${rate >= 100 ? formatCount(rate) : rate.toFixed(1)}/s`;
}

/**
 * Text of others (records, answers, error messages) for a terminal: control characters, which could
 * move the cursor or rename the window, become `·`; line breaks stay unless `oneLine`.
 */
export function printable(text: string, { oneLine = false, most = Infinity }: { oneLine?: boolean; most?: number } = {}): string {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  const clean = text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (character) => (character === '\r' ? '' : '·'));
  const folded = oneLine ? clean.replace(/\s+/g, ' ').trim() : clean;
  return folded.length > most ? `${folded.slice(0, Math.max(0, most - 1))}…` : folded;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
