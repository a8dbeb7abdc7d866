import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isIP } from 'node:net';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { SyngraphError } from '../../pipeline/errors.ts';
import { parseJsonPayloads, renderJsonPayloads } from './json-payloads.ts';

export interface CodecServerOptions {
  codec: PayloadCodec;
  /** 0: any free one. */
  port: number;
  host: string;
  /** `scheme://host:port` of each Web UI that may ask from a browser. */
  origins: readonly string[];
  /** Each request must carry it as a bearer token. undefined: none needed. */
  token?: string | undefined;
  /** Told what should not have happened; whoever asked learns no more than that. */
  onError: (error: Error) => void;
}

export interface CodecServer {
  /** What the UI and the CLI are told as codec endpoint. */
  url: string;
  close(): Promise<void>;
}

/** More than a page of a history, which Temporal bounds at 4 MB. */
const MAXIMUM_BODY_BYTES = 32 * 1024 * 1024;
const TIMEOUT_MILLISECONDS = 30_000;

/**
 * Serves the remote codec protocol: POST …/encode and …/decode with `{"payloads": […]}` in proto3
 * JSON. Browsers get an answer for the listed origins alone, so that no other page that somebody has
 * open can have payloads decrypted.
 */
export async function startCodecServer(options: CodecServerOptions): Promise<CodecServer> {
  const { port, host } = options;
  const server = createServer({ requestTimeout: TIMEOUT_MILLISECONDS, headersTimeout: TIMEOUT_MILLISECONDS }, (request, response) => void answer(options, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://${isIP(host) === 6 ? `[${host}]` : host}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(options: CodecServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const send = (status: number, body: object): void => void response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(body));
  try {
    const { origin } = request.headers;
    if (origin !== undefined && !options.origins.includes(origin)) return send(403, { message: `pages of ${origin.slice(0, 200)} may not ask here; see --ui-origin` });
    // Against pages that point a name of their own at this machine: their requests may carry no origin, but never a token.
    if (options.token === undefined && !isLoopback(nameOf(request.headers.host))) return send(403, { message: 'this server is asked by another name than its own' });
    if (origin !== undefined) allow(origin, response);
    if (request.method === 'OPTIONS') return void response.writeHead(204).end();
    const action = /\/(encode|decode)$/.exec((request.url ?? '').replace(/\?.*$/, ''))?.[1] as 'encode' | 'decode' | undefined;
    if (action === undefined) return send(404, { message: 'there are POST /encode and POST /decode' });
    if (request.method !== 'POST') return send(405, { message: `${action} is asked by POST` });
    if (!isAuthorized(request.headers.authorization, options.token)) return send(401, { message: 'the bearer token is missing or wrong' });
    const text = await readBody(request);
    if (text === null) return send(413, { message: `a request has at most ${MAXIMUM_BODY_BYTES} bytes` });
    const payloads = parseJsonPayloads(text);
    if (payloads === null) return send(400, { message: 'the body must be {"payloads": […]} in proto3 JSON' });
    send(200, { payloads: renderJsonPayloads(await convert(options.codec, action, payloads)) });
  } catch (error) {
    if (error instanceof SyngraphError) send(400, { message: error.message });
    else {
      options.onError(error as Error);
      send(500, { message: 'internal error' });
    }
  }
}

function convert(codec: PayloadCodec, action: 'encode' | 'decode', payloads: Payload[]): Promise<Payload[]> {
  return action === 'encode' ? codec.encode(payloads) : codec.decode(payloads);
}

function allow(origin: string, response: ServerResponse): void {
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('vary', 'Origin');
  response.setHeader('access-control-allow-methods', 'POST, OPTIONS');
  response.setHeader('access-control-allow-headers', 'Authorization, Content-Type, X-Namespace');
  response.setHeader('access-control-allow-credentials', 'true');
  response.setHeader('access-control-max-age', '600');
}

/** Of a Host header, without port and brackets. */
function nameOf(host = ''): string {
  return host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function isAuthorized(header: string | undefined, token: string | undefined): boolean {
  if (token === undefined) return true;
  const given = Buffer.from(/^Bearer (.*)$/i.exec(header ?? '')?.[1] ?? '');
  const wanted = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** null where it is too long. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAXIMUM_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
