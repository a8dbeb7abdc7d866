/** A provider that asks for more is asked again after this time anyway. */
const LONGEST_WAIT_MILLISECONDS = 3_600_000;

/**
 * Milliseconds that an endpoint asks to wait, from `retry-after-ms`, or `Retry-After` in seconds or
 * as an HTTP date (RFC 9110, section 10.2.3); undefined where it says nothing that can be read. At most an hour.
 */
export function parseRetryAfter(header: (name: string) => string | null, now: number): number | undefined {
  const milliseconds = readNumber(header('retry-after-ms'));
  const value = header('retry-after');
  const seconds = readNumber(value);
  const date = value === null ? NaN : Date.parse(value);
  const wait = milliseconds ?? (seconds === undefined ? date - now : seconds * 1000);
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(0, wait), LONGEST_WAIT_MILLISECONDS);
}

function readNumber(text: string | null): number | undefined {
  return text !== null && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}
