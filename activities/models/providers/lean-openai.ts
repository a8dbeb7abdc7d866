import { OpenAI, type ClientOptions } from 'openai';
import type { HttpReply, HttpSender } from '../http-sender.ts';

type BuildRequest = OpenAI['buildRequest'];
type BuiltRequest = Awaited<ReturnType<BuildRequest>>;

/** Travel through the package in `fetchOptions`, which it hands on as they are. */
export interface UnsentOption {
  unsentSignal?: AbortSignal;
  maximumBodyBytes?: number;
}

/** Carries what a refusal means past the package, which would keep only a part of the body. Its own words must not sound like a timeout. */
export class ReplyRefused extends Error {
  readonly failure: Error;

  constructor(failure: Error) {
    super('refused');
    this.failure = failure;
  }
}

export interface LeanOpenAIParts {
  sender: HttpSender;
  /** Makes the error for an answer with a status that is none of success. */
  failure: (reply: HttpReply) => Error;
  /** Gives the key for each call, where it changes with time. */
  token?: (() => Promise<string>) | undefined;
}

/** Its request and reply headers go past the package, which would copy them several times a call. */
const NO_HEADERS = new Headers();

/** Tells a provider about our machine and costs bytes on every call. */
const UNWANTED_HEADERS = /^(x-stainless-.*|content-length)$/i;

interface RequestTemplate {
  url: string;
  timeout: number;
  origin: string;
  path: string;
  /** Names and values in turn. */
  headers: string[];
}

/**
 * The package's client with the costly parts of a call made once: headers and url are built for
 * the first call of a path and kept, there is no timer and no AbortController of a web fetch. Measured with
 * `bench/model-call.ts`: the package as it comes takes about 0.8 ms of CPU a call.
 */
export class LeanOpenAI extends OpenAI {
  readonly #parts: LeanOpenAIParts;
  /** By path and by url. */
  readonly #templates = new Map<string, RequestTemplate>();

  constructor(options: ClientOptions, parts: LeanOpenAIParts) {
    super({ ...options, maxRetries: 0, logLevel: 'off' });
    this.#parts = parts;
  }

  override async buildRequest(...[options, ...rest]: Parameters<BuildRequest>): Promise<BuiltRequest> {
    const template = this.#templates.get(options.path) ?? (await this.#buildTemplate(options, ...rest));
    const req: BuiltRequest['req'] = { method: 'post', headers: NO_HEADERS, body: JSON.stringify(options.body) };
    if (options.signal != null) req.signal = options.signal;
    Object.assign(req, options.fetchOptions);
    return { req, url: template.url, timeout: template.timeout };
  }

  override async fetchWithTimeout(...[url, init]: Parameters<OpenAI['fetchWithTimeout']>): Promise<Response> {
    const template = this.#templates.get(url as string);
    if (template === undefined || init?.signal == null)
      throw new Error('Calls go through buildRequest and carry a signal.');
    const { origin, path, headers } = template;
    const { unsentSignal, maximumBodyBytes } = init as UnsentOption;
    const { sender, failure, token } = this.#parts;
    const reply = await sender.send({
      method: 'POST',
      origin,
      path,
      headers: token === undefined ? headers : [...headers, 'authorization', `Bearer ${await token()}`],
      body: init.body as string,
      signal: init.signal,
      ...(unsentSignal === undefined ? {} : { unsentSignal }),
      ...(maximumBodyBytes === undefined ? {} : { maximumBodyBytes }),
    });
    if (reply.status < 200 || reply.status >= 300) throw new ReplyRefused(failure(reply));
    // The package uses no more of a Response than LeanResponse has, where nothing streams.
    return new LeanResponse(reply) as unknown as Response;
  }

  /** Every call of this client is a POST, so that what the package builds for one path differs in the body only. */
  async #buildTemplate(...[options, ...rest]: Parameters<BuildRequest>): Promise<RequestTemplate> {
    const built = await super.buildRequest({ ...options, body: {} }, ...rest);
    const url = new URL(built.url);
    const headers = [...built.req.headers].filter(([name]) => !UNWANTED_HEADERS.test(name)).flat();
    const template = { url: built.url, timeout: built.timeout, origin: url.origin, path: url.pathname + url.search, headers };
    this.#templates.set(options.path, template);
    this.#templates.set(built.url, template);
    return template;
  }
}

class LeanResponse {
  readonly status: number;
  readonly ok: boolean;
  readonly headers: LeanHeaders;
  readonly body = null;
  readonly url = '';
  readonly #text: string;

  constructor(reply: HttpReply) {
    this.status = reply.status;
    this.ok = reply.status >= 200 && reply.status < 300;
    this.headers = new LeanHeaders(reply.headers);
    this.#text = reply.body;
  }

  text(): Promise<string> {
    return Promise.resolve(this.#text);
  }

  json(): Promise<unknown> {
    return new Promise((resolve) => resolve(JSON.parse(this.#text)));
  }
}

class LeanHeaders {
  readonly #headers: HttpReply['headers'];

  constructor(headers: HttpReply['headers']) {
    this.#headers = headers;
  }

  get(name: string): string | null {
    const value = this.#headers[name.toLowerCase()];
    return Array.isArray(value) ? value.join(', ') : (value ?? null);
  }

  entries(): [string, string][] {
    return [];
  }
}
