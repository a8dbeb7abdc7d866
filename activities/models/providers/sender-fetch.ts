import type { HttpSender } from '../http-sender.ts';

export interface SenderFetchOptions {
  sender: HttpSender;
  headers: Record<string, string>;
  signal: AbortSignal;
  unsentSignal: AbortSignal | undefined;
  maximumBodyBytes?: number;
  /** Answers may be other than text. */
  isBinary?: boolean;
  /** Makes the error for a status that is none of success; it is thrown, so that a package cannot rewrite it. */
  failure: (reply: { status: number; headers: Record<string, string | string[] | undefined>; body: string }) => Error;
}

/** A `fetch` over our own connections, for packages that take one: their time limits, proxies and errors are then ours. */
export function senderFetch(options: SenderFetchOptions): typeof fetch {
  const { sender, signal, unsentSignal, maximumBodyBytes, isBinary } = options;
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const headers = new Headers(init.headers);
    for (const [name, value] of Object.entries(options.headers)) headers.set(name, value);
    const reply = await sender.send({
      method: init.method === 'POST' ? 'POST' : 'GET',
      origin: url.origin,
      path: url.pathname + url.search,
      headers: [...headers].flat(),
      body: await bodyOf(init.body),
      ...(isBinary === undefined ? {} : { isBinary }),
      signal,
      ...(unsentSignal === undefined ? {} : { unsentSignal }),
      ...(maximumBodyBytes === undefined ? {} : { maximumBodyBytes }),
    });
    if (reply.status < 200 || reply.status >= 300) throw options.failure(reply);
    const contentType = [reply.headers['content-type']].flat()[0] ?? 'application/json';
    return new Response(reply.content === undefined ? reply.body : new Uint8Array(reply.content), { status: reply.status, headers: { 'content-type': contentType } });
  };
}

async function bodyOf(body: unknown): Promise<string | Uint8Array | null> {
  if (typeof body === 'string') return body;
  if (body instanceof Blob) return new Uint8Array(await body.arrayBuffer());
  return body instanceof Uint8Array ? body : null;
}
