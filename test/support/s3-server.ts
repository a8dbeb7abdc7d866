import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface S3Faults {
  /** Requests are answered with 503. */
  isDown?: boolean;
  /** Bodies of objects are cut after so many bytes, as many times as `cuts` says. */
  cutAfter?: number;
  cuts?: number;
  /** Requests are answered with this error and status 403. */
  denial?: string | null;
}

export interface S3TestServer {
  port: number;
  /** What the AWS SDK finds the server by. */
  environment: Record<string, string>;
  /** By `<bucket>/<key>`. */
  objects: Map<string, StoredObject>;
  /** Uploads in parts that were neither completed nor given up. */
  openUploads(): number;
  faults: S3Faults;
  close(): Promise<void>;
}

interface StoredObject {
  content: Buffer;
  etag: string;
  modified: Date;
}

/**
 * The part of S3's REST API that stores are made of, in memory, with a bucket `data`: objects appear
 * whole or not at all, ranges and lists are S3's. Signatures are not checked. The stand-ins on npm
 * answer ranges and lists wrongly, and readers of theirs see half-written objects.
 * @param options.pageSize keys of a page of a list. Default 1000
 */
export async function startS3Server(options: { pageSize?: number } = {}): Promise<S3TestServer> {
  const objects = new Map<string, StoredObject>();
  const uploads = new Map<string, Map<number, Buffer>>();
  const faults: S3Faults = {};
  const state: State = { objects, uploads, faults, pageSize: options.pageSize ?? 1000 };
  const server = createServer((request, response) => {
    answer(state, request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    objects,
    faults,
    openUploads: () => uploads.size,
    environment: { AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test-secret' },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface State {
  objects: Map<string, StoredObject>;
  uploads: Map<string, Map<number, Buffer>>;
  faults: S3Faults;
  pageSize: number;
}

async function answer(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://s3');
  const name = decodeURIComponent(url.pathname.slice(1));
  const body = await buffer(request);
  const { faults, objects, uploads } = state;
  if (faults.isDown === true) return fail(response, 503, 'SlowDown');
  if (typeof faults.denial === 'string') return fail(response, 403, faults.denial);
  if (name.split('/')[0] !== 'data') return fail(response, 404, 'NoSuchBucket');
  const upload = url.searchParams.get('uploadId');
  const operation = `${request.method} ${upload !== null ? 'upload' : url.searchParams.has('uploads') ? 'uploads' : url.searchParams.has('delete') ? 'delete' : name.replace(/\/$/, '').includes('/') ? 'object' : 'bucket'}`;
  switch (operation) {
    case 'PUT object':
      return reply(response, '', { etag: put(objects, name, body) });
    case 'GET object':
    case 'HEAD object':
      return sendObject(state, { name, request, response });
    case 'DELETE object':
      objects.delete(name);
      return reply(response, '', {}, 204);
    case 'POST delete':
      for (const [, key = ''] of body.toString().matchAll(/<Key>([^<]*)<\/Key>/g)) objects.delete(`data/${unescapeXml(key)}`);
      return reply(response, '<DeleteResult></DeleteResult>');
    case 'GET bucket':
      return reply(response, listPage(state, url.searchParams));
    case 'POST uploads': {
      const id = randomUUID();
      uploads.set(id, new Map());
      return reply(response, `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
    }
    case 'PUT upload':
      uploads.get(upload ?? '')?.set(Number(url.searchParams.get('partNumber')), body);
      return reply(response, '', { etag: etagOf(body) });
    case 'POST upload': {
      const parts = [...(uploads.get(upload ?? '') ?? [])].sort(([left], [right]) => left - right).map(([, content]) => content);
      uploads.delete(upload ?? '');
      const etag = put(objects, name, Buffer.concat(parts));
      return reply(response, `<CompleteMultipartUploadResult><ETag>${etag}</ETag></CompleteMultipartUploadResult>`);
    }
    case 'DELETE upload':
      uploads.delete(upload ?? '');
      return reply(response, '', {}, 204);
    default:
      return fail(response, 405, 'MethodNotAllowed');
  }
}

function put(objects: Map<string, StoredObject>, name: string, content: Buffer): string {
  const etag = etagOf(content);
  objects.set(name, { content, etag, modified: new Date() });
  return etag;
}

function sendObject({ objects, faults }: State, { name, request, response }: { name: string; request: IncomingMessage; response: ServerResponse }): void {
  const object = objects.get(name);
  if (object === undefined) return fail(response, 404, 'NoSuchKey');
  const { content, etag, modified } = object;
  if (request.headers['if-match'] !== undefined && request.headers['if-match'] !== etag) return fail(response, 412, 'PreconditionFailed');
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const first = Number(range?.[1] ?? 0);
  if (range !== null && first >= content.length) return fail(response, 416, 'InvalidRange');
  const end = range === null || range[2] === '' ? content.length : Math.min(content.length, Number(range[2]) + 1);
  const part = content.subarray(first, end);
  const headers = { etag, 'last-modified': modified.toUTCString(), 'content-length': String(part.length) };
  if (request.method === 'HEAD') return void response.writeHead(200, headers).end();
  response.writeHead(range === null ? 200 : 206, headers);
  const { cutAfter, cuts = 0 } = faults;
  if (cutAfter === undefined || cuts <= 0 || part.length <= cutAfter) return void response.end(part);
  faults.cuts = cuts - 1;
  response.write(part.subarray(0, cutAfter), () => response.destroy());
}

function listPage({ objects, pageSize }: State, query: URLSearchParams): string {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const entries = new Set<string>();
  for (const name of objects.keys()) {
    const key = name.slice('data/'.length);
    if (!key.startsWith(prefix)) continue;
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    entries.add(cut === -1 ? key : key.slice(0, cut + 1));
  }
  const after = query.get('continuation-token') ?? '';
  const rest = [...entries].sort().filter((entry) => entry > after);
  const page = rest.slice(0, pageSize);
  const isTruncated = rest.length > page.length;
  const items = page.map((entry) =>
    delimiter !== '' && entry.endsWith(delimiter)
      ? `<CommonPrefixes><Prefix>${escapeXml(entry)}</Prefix></CommonPrefixes>`
      : `<Contents><Key>${escapeXml(entry)}</Key><Size>${objects.get(`data/${entry}`)?.content.length ?? 0}</Size><LastModified>${objects.get(`data/${entry}`)?.modified.toISOString() ?? ''}</LastModified></Contents>`,
  );
  const next = isTruncated ? `<NextContinuationToken>${escapeXml(page.at(-1) ?? '')}</NextContinuationToken>` : '';
  return `<ListBucketResult><IsTruncated>${isTruncated}</IsTruncated>${next}${items.join('')}</ListBucketResult>`;
}

function etagOf(content: Buffer): string {
  return `"${createHash('md5').update(content).digest('hex')}"`;
}

function reply(response: ServerResponse, xml: string, headers: Record<string, string> = {}, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/xml', ...headers }).end(xml);
}

function fail(response: ServerResponse, status: number, code: string): void {
  reply(response, `<Error><Code>${code}</Code><Message>${code}</Message></Error>`, {}, status);
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function unescapeXml(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&apos;', "'").replaceAll('&amp;', '&');
}
