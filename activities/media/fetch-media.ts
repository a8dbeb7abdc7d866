import { lookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';
import { Agent, request, type Dispatcher } from 'undici';
import { mediaError } from './media-error.ts';
import { MOST_MEDIA_BYTES } from './media-store.ts';

const TIME_LIMIT_MILLISECONDS = 30_000;
const MOST_REDIRECTS = 5;

/** Set to 1 by those who trust the urls in their data: addresses of private networks are then fetched too. */
export const ALLOW_PRIVATE_VARIABLE = 'SYNGRAPH_ALLOW_PRIVATE_NETWORK';

/**
 * The content behind a url that stands in the data, so a stranger's. Addresses of private networks
 * are refused after the name was resolved, and the connection goes to the address that was looked at.
 * @throws SyngraphError MEDIA_INVALID
 */
export async function fetchMedia(url: string, environment: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Buffer> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TIME_LIMIT_MILLISECONDS)]);
  let current = url;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const answer = await fetchOnce(current, { environment, signal, limit });
    if (Buffer.isBuffer(answer)) return answer;
    current = answer.location;
  }
  throw mediaError(url, `more than ${MOST_REDIRECTS} redirects`);
}

interface Limits {
  environment: NodeJS.ProcessEnv;
  signal: AbortSignal;
  limit: AbortSignal;
}

async function fetchOnce(text: string, { environment, signal, limit }: Limits): Promise<Buffer | { location: string }> {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) throw mediaError(text, 'is no http or https url');
  const address = await resolveAddress(url, environment);
  const dispatcher = new Agent({ connect: { lookup: (_host, _options, callback) => callback(null, [address]) } });
  try {
    const answer = await request(url, { dispatcher, signal: limit, headers: { accept: 'image/*, audio/*' } });
    const location = answer.headers['location'];
    if (answer.statusCode >= 300 && answer.statusCode < 400 && typeof location === 'string') {
      await answer.body.dump();
      return { location: new URL(location, url).href };
    }
    if (answer.statusCode !== 200) throw mediaError(text, `the server answered ${answer.statusCode}`);
    return await readBounded(answer.body, text);
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) throw mediaError(text, `did not come within ${TIME_LIMIT_MILLISECONDS / 1000} s`);
    if (error instanceof Error && error.name !== 'SyngraphError') throw mediaError(text, error.message);
    throw error;
  } finally {
    await dispatcher.destroy();
  }
}

async function resolveAddress(url: URL, environment: NodeJS.ProcessEnv): Promise<{ address: string; family: number }> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const found = await lookup(host).catch((error: Error) => {
    throw mediaError(url.href, `its host cannot be resolved: ${error.message}`);
  });
  if (environment[ALLOW_PRIVATE_VARIABLE] === '1' || isPublic(found.address)) return found;
  throw mediaError(url.href, `its host is in a private network (${found.address})`, `Set ${ALLOW_PRIVATE_VARIABLE}=1 if the urls in your data may be trusted.`);
}

function isPublic(address: string): boolean {
  const parsed = ipaddr.process(address);
  return parsed.range() === 'unicast';
}

async function readBounded(body: Dispatcher.ResponseData['body'], what: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_MEDIA_BYTES) throw mediaError(what, `is larger than ${MOST_MEDIA_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
