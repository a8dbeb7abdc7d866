import { OpenAI, type ClientOptions } from 'openai';
import type { HttpReply, HttpSender } from '../http-sender.ts';

export interface LeanOpenAIParts {
  sender: HttpSender;
  /** Makes the error for an answer with a status that is none of success. */
  failure: (reply: HttpReply) => Error;
  /** Gives the key for each call, where it changes with time. */
  token?: (() => Promise<string>) | undefined;
}

export interface LeanPost {
  path: string;
  body: object;
  signal: AbortSignal;
  unsentSignal: AbortSignal | undefined;
  /** Default: the sender's. */
  maximumBodyBytes?: number;
}

/** Tells a provider about our machine and costs bytes on every call. */
const UNWANTED_HEADERS = /^(x-stainless-.*|content-length)$/i;

/** What all calls of a path have in common. */
interface RequestTemplate {
  origin: string;
  path: string;
  /** Names and values in turn. */
  headers: string[];
}

/**
 * Calls as the openai package makes them: it builds address, query, key and headers, once for each
 * path. The calls themselves go past it, over our own connections: a call through the package
 * takes 0.8 ms of CPU (`bench/model-call.ts`), most of it for two dozen promises, copies of headers
 * and logs that nobody reads.
 */
export class LeanOpenAI {
  readonly #package: OpenAI;
  readonly #parts: LeanOpenAIParts;
  readonly #templates = new Map<string, RequestTemplate>();

  constructor(options: ClientOptions, parts: LeanOpenAIParts) {
    this.#package = new OpenAI({ ...options, logLevel: 'off' });
    this.#parts = parts;
  }

  /**
   * The JSON that answers a POST of JSON; the text of an answer that is said to be no JSON.
   * Rejects as `HttpSender.send` does, with the `failure` of a refusal, or with a SyntaxError.
   */
  async post({ path, body, signal, unsentSignal, maximumBodyBytes }: LeanPost): Promise<unknown> {
    const template = this.#templates.get(path) ?? (await this.#buildTemplate(path));
    const { sender, failure, token } = this.#parts;
    const reply = await sender.send({
      method: 'POST',
      origin: template.origin,
      path: template.path,
      headers: token === undefined ? template.headers : [...template.headers, 'authorization', `Bearer ${await token()}`],
      body: JSON.stringify(body),
      signal,
      ...(unsentSignal === undefined ? {} : { unsentSignal }),
      ...(maximumBodyBytes === undefined ? {} : { maximumBodyBytes }),
    });
    if (reply.status < 200 || reply.status >= 300) throw failure(reply);
    return isJson(reply) ? JSON.parse(reply.body) : reply.body;
  }

  async #buildTemplate(path: string): Promise<RequestTemplate> {
    const built = await this.#package.buildRequest({ method: 'post', path, body: {} });
    const url = new URL(built.url);
    const headers = [...built.req.headers].filter(([name]) => !UNWANTED_HEADERS.test(name)).flat();
    const template = { origin: url.origin, path: url.pathname + url.search, headers };
    this.#templates.set(path, template);
    return template;
  }
}

function isJson({ headers }: HttpReply): boolean {
  const [type = ''] = [headers['content-type']].flat();
  const mediaType = type.split(';', 1)[0]?.trim() ?? '';
  return mediaType.includes('application/json') || mediaType.endsWith('+json');
}
