/** A provider that asks for more is asked again after this time anyway. */
const LONGEST_WAIT_MILLISECONDS = 3_600_000;

/**
 * Milliseconds that an endpoint asks to wait, from `retry-after-ms`, or `Retry-After` in seconds or
 * as an HTTP date (RFC 9110, section 10.2.3), else until the limit that is used up begins anew, as OpenAI and Anthropic tell
 * it; undefined where nothing that can be read is said. At most an hour.
 */
export function parseRetryAfter(header: (name: string) => string | null, now: number): number | undefined {
  const milliseconds = readNumber(header('retry-after-ms'));
  const value = header('retry-after');
  const seconds = readNumber(value);
  const date = value === null ? NaN : Date.parse(value);
  const said = milliseconds ?? (seconds === undefined ? date - now : seconds * 1000);
  const wait = Number.isNaN(said) ? untilReset(header, now) : said;
  return wait === undefined ? undefined : Math.min(Math.max(0, wait), LONGEST_WAIT_MILLISECONDS);
}

/** The longest of the limits of which nothing remains. */
function untilReset(header: (name: string) => string | null, now: number): number | undefined {
  const waits = [
    ...['requests', 'tokens'].map((kind) => [header(`x-ratelimit-remaining-${kind}`), readDuration(header(`x-ratelimit-reset-${kind}`))] as const),
    ...['requests', 'tokens', 'input-tokens', 'output-tokens'].map(
      (kind) => [header(`anthropic-ratelimit-${kind}-remaining`), Date.parse(header(`anthropic-ratelimit-${kind}-reset`) ?? '') - now] as const,
    ),
  ].flatMap(([remaining, wait]) => (readNumber(remaining) === 0 && wait !== undefined && !Number.isNaN(wait) ? [wait] : []));
  return waits.length === 0 ? undefined : Math.max(...waits);
}

/** Milliseconds of a duration such as `1s`, `6m0s` or `20ms`. */
function readDuration(text: string | null): number | undefined {
  const match = /^(?:(\d+)h)?(?:(\d+)m(?!s))?(?:([\d.]+)s)?(?:(\d+)ms)?$/.exec(text?.trim() ?? '');
  if (match === null || match[0] === '') return undefined;
  const [hours, minutes, seconds, milliseconds] = match.slice(1).map((part) => Number(part ?? 0));
  return ((hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)) * 1000 + (milliseconds ?? 0);
}

function readNumber(text: string | null): number | undefined {
  return text !== null && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}
