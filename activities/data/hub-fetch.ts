import { setTimeout as delay } from 'node:timers/promises';

export interface HubFetchOptions {
  hubUrl: string;
  signal?: AbortSignal;
  /** Before the second attempt; doubled for each further one. Default 500. */
  retryMilliseconds?: number;
}

const ATTEMPTS = 5;
/** For answers without a body to stream: listings, and ranges of a few megabytes. */
const TIMEOUT_MILLISECONDS = 120_000;
const MAX_RETRY_AFTER_MILLISECONDS = 60_000;

/**
 * The fetch that the Hub's client is given. It tries reads and uploads of parts again where the
 * Hub is busy or the connection is cut, checks that a range is answered whole, and keeps the token
 * from any host but the Hub.
 */
export function createHubFetch(options: HubFetchOptions): typeof fetch {
  const { hubUrl, signal, retryMilliseconds = 500 } = options;
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const method = init.method ?? 'GET';
    const headers = new Headers(init.headers);
    if (url.origin !== new URL(hubUrl).origin) headers.delete('authorization');
    // Commits and other posts are not ours to repeat: they may have been done.
    const attempts = method === 'GET' || method === 'PUT' ? ATTEMPTS : 1;
    for (let attempt = 1; ; attempt += 1) {
      const signals = [signal, init.signal, method === 'GET' ? AbortSignal.timeout(TIMEOUT_MILLISECONDS) : null];
      const combined = AbortSignal.any(signals.filter((each) => each !== null && each !== undefined));
      let wait = retryMilliseconds * 2 ** (attempt - 1);
      try {
        const response = await once(url, { ...init, method, headers, signal: combined });
        if (attempt >= attempts || (response.status !== 429 && response.status < 500)) return response;
        wait = Math.max(wait, retryAfter(response));
        await response.body?.cancel();
      } catch (error) {
        if (attempt >= attempts || signal?.aborted === true || error instanceof RangeUnsupportedError) throw error;
      }
      await delay(wait, undefined, signal === undefined ? {} : { signal });
    }
  };
}

class RangeUnsupportedError extends Error {}

async function once(url: URL, init: RequestInit & { headers: Headers }): Promise<Response> {
  const response = await fetch(url, init);
  const range = /^bytes=(\d+)-(\d+)$/.exec(init.headers.get('range') ?? '');
  if (range === null || !response.ok) return response;
  if (response.status !== 206) {
    // Where a file lies in the Hub's newer storage, the probe is answered by a description of it.
    if (response.headers.get('content-type')?.includes('xet-fileinfo') === true) return response;
    await response.body?.cancel();
    throw new RangeUnsupportedError('the server does not answer range requests');
  }
  const body = await response.arrayBuffer();
  const expected = Number(range[2]) - Number(range[1]) + 1;
  if (body.byteLength !== expected) throw new Error(`the server sent ${body.byteLength} of ${expected} bytes`);
  return new Response(body, { status: response.status, headers: response.headers });
}

/** Milliseconds; 0 where the header is absent or a date. */
function retryAfter(response: Response): number {
  const seconds = Number(response.headers.get('retry-after') ?? 0);
  return Number.isFinite(seconds) ? Math.min(seconds * 1000, MAX_RETRY_AFTER_MILLISECONDS) : 0;
}
