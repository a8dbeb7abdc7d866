import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Several times the size of today's Temporal CLI. */
const DEFAULT_MAXIMUM_BYTES = 500_000_000;

export interface DownloadOptions {
  url: string;
  path: string;
  headers?: Record<string, string>;
  /** Hexadecimal; the download fails if the content differs. Absent: not checked. */
  sha256?: string;
  /** Default 500 MB. */
  maximumBytes?: number;
  onBytes?: (received: number, total: number | null) => void;
  /** Until the server answers at all. Default 10,000. */
  connectTimeoutMilliseconds?: number;
  /** Without a single byte. Default 30,000. */
  stallTimeoutMilliseconds?: number;
}

/** Writes what is at the url to the path. Bounded in size; fails on any status but 200 and on a stall. */
export async function downloadFile(options: DownloadOptions): Promise<void> {
  const { url, path, headers = {}, sha256, maximumBytes = DEFAULT_MAXIMUM_BYTES, onBytes } = options;
  const abort = new AbortController();
  const giveUp = (what: string): void => abort.abort(new Error(`${what} from ${new URL(url).host}`));
  let timer = setTimeout(() => giveUp('no answer'), options.connectTimeoutMilliseconds ?? 10_000);
  const keepAlive = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => giveUp('no more data'), options.stallTimeoutMilliseconds ?? 30_000);
  };
  try {
    const response = await fetch(url, { headers, signal: abort.signal });
    if (response.status !== 200 || response.body === null) throw new Error(`${new URL(url).host} answered ${response.status}`);
    keepAlive();
    const length = Number(response.headers.get('content-length'));
    const hash = createHash('sha256');
    let received = 0;
    const watch = new Transform({
      transform(chunk: Buffer, _encoding, done): void {
        keepAlive();
        received += chunk.length;
        hash.update(chunk);
        onBytes?.(received, length > 0 ? length : null);
        done(received > maximumBytes ? new Error(`more than ${maximumBytes} bytes`) : null, chunk);
      },
    });
    await pipeline(Readable.fromWeb(response.body), watch, createWriteStream(path), { signal: abort.signal });
    const actual = hash.digest('hex');
    if (sha256 !== undefined && actual !== sha256) throw new Error(`sha256 of ${new URL(url).pathname} is ${actual}, not ${sha256}`);
  } catch (error) {
    throw abort.signal.aborted ? abort.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}
