import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, ProxyAgent, request, type Dispatcher } from 'undici';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../pipeline/json.ts';
import { OauthToken } from './oauth-token.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { ServiceNowFailure } from './servicenow-failure.ts';

export interface ServiceNowReply {
  result: JsonValue;
  headers: Record<string, string | string[] | undefined>;
}

interface ServiceNowRequest {
  method: 'GET' | 'POST' | 'PATCH';
  /** From `/api`, with its query. */
  path: string;
  body?: JsonObject;
}

const ATTEMPTS = 6;
const FIRST_WAIT_MILLISECONDS = 250;
const MOST_WAIT_MILLISECONDS = 60_000;
const TIMEOUT_MILLISECONDS = 120_000;
const MOST_BYTES = 64 * 1024 * 1024;
/** Errors after which the request has certainly not been sent. */
const UNSENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

/**
 * Calls of one instance's REST API. Reads and updates are tried again where the instance is busy or
 * the connection is cut; an insert only where it has certainly not been carried out.
 */
export class ServiceNowClient {
  readonly #settings: ConnectionSettings;
  readonly #dispatcher: Dispatcher;
  readonly #signal: AbortSignal;
  readonly #token: OauthToken | null;

  private constructor(settings: ConnectionSettings, dispatcher: Dispatcher, signal: AbortSignal) {
    this.#settings = settings;
    this.#dispatcher = dispatcher;
    this.#signal = signal;
    const { oauth, username, password } = settings;
    this.#token = oauth && new OauthToken({ ...oauth, username, password, post: (form) => this.#postForm(form) });
  }

  static async open(settings: ConnectionSettings, signal: AbortSignal): Promise<ServiceNowClient> {
    const pem = settings.certificate === null ? null : await readFile(settings.certificate, 'utf8');
    const tls = { rejectUnauthorized: settings.verifyTls, ...(pem !== null && { cert: pem, key: pem }) };
    const dispatcher =
      settings.proxy === null ? new Agent({ connect: tls }) : new ProxyAgent({ uri: settings.proxy, requestTls: tls });
    return new ServiceNowClient(settings, dispatcher, signal);
  }

  /** @throws ServiceNowFailure */
  async call(wanted: ServiceNowRequest): Promise<ServiceNowReply> {
    let hasRenewed = false;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#attempt(wanted);
      if (outcome.kind === 'reply') return outcome.reply;
      const { failure, waitMilliseconds, again } = outcome;
      if (failure.status === 401 && this.#token !== null && !hasRenewed) {
        hasRenewed = true;
        this.#token.expire();
        continue;
      }
      if (!again || !this.#settings.autoRetry || attempt >= ATTEMPTS) throw failure;
      const wait = Math.max(waitMilliseconds, FIRST_WAIT_MILLISECONDS * 2 ** (attempt - 1));
      await delay(Math.min(wait, MOST_WAIT_MILLISECONDS), undefined, { signal: this.#signal });
    }
  }

  async close(): Promise<void> {
    await this.#dispatcher.destroy();
  }

  async #attempt(wanted: ServiceNowRequest): Promise<Outcome> {
    const mayHaveInserted = wanted.method === 'POST';
    try {
      const { status, headers, text } = await this.#exchange({
        method: wanted.method,
        path: wanted.path,
        headers: {
          accept: 'application/json',
          authorization: await this.#authorization(),
          ...(wanted.body && { 'content-type': 'application/json' }),
        },
        body: wanted.body === undefined ? null : JSON.stringify(wanted.body),
      });
      if (status >= 200 && status < 300) return { kind: 'reply', reply: { result: resultOf(text), headers } };
      const busy = status === 429 || status >= 500;
      return {
        kind: 'failure',
        failure: new ServiceNowFailure(this.#redact(`it answered HTTP ${status}${reasonOf(text)}`), {
          status,
          uncertain: mayHaveInserted && status >= 500,
        }),
        again: busy && !(mayHaveInserted && status !== 429),
        waitMilliseconds: retryAfter(headers),
      };
    } catch (error) {
      if (this.#signal.aborted) throw error;
      if (error instanceof ServiceNowFailure) return { kind: 'failure', failure: error, again: false, waitMilliseconds: 0 };
      const unsent = UNSENT.has((error as NodeJS.ErrnoException).code ?? '');
      return {
        kind: 'failure',
        failure: new ServiceNowFailure(this.#redact(`there was no answer (${(error as Error).message})`), {
          status: null,
          uncertain: mayHaveInserted && !unsent,
        }),
        again: unsent || !mayHaveInserted,
        waitMilliseconds: 0,
      };
    }
  }

  async #authorization(): Promise<string> {
    if (this.#token !== null) return `Bearer ${await this.#token.value()}`;
    const { username, password } = this.#settings;
    return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }

  async #postForm(form: Record<string, string>): Promise<JsonObject> {
    const { status, text } = await this.#exchange({
      method: 'POST',
      path: '/oauth_token.do',
      headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
    });
    const answer = status === 200 ? parseObject(text) : null;
    if (answer !== null) return answer;
    throw new ServiceNowFailure(`OAuth gave no token (HTTP ${status}${this.#redact(reasonOf(text))})`, {
      status: status === 200 || status === 400 ? 401 : status,
      uncertain: false,
    });
  }

  async #exchange(options: { method: string; path: string; headers: Record<string, string>; body: string | null }): Promise<Exchanged> {
    const { method, path, headers, body } = options;
    const answer = await request(this.#settings.url + path, {
      method: method,
      headers,
      body,
      dispatcher: this.#dispatcher,
      signal: AbortSignal.any([this.#signal, AbortSignal.timeout(TIMEOUT_MILLISECONDS)]),
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of answer.body) {
      bytes += (chunk as Buffer).length;
      if (bytes > MOST_BYTES) {
        throw new ServiceNowFailure('its answer is larger than 64 MB; lower `batch_size`', { status: answer.statusCode, uncertain: false });
      }
      chunks.push(chunk as Buffer);
    }
    return { status: answer.statusCode, headers: answer.headers, text: Buffer.concat(chunks).toString('utf8') };
  }

  /** Proxies and instances repeat what they were sent. */
  #redact(text: string): string {
    const { password, oauth, proxy } = this.#settings;
    return [password, oauth?.clientSecret, proxy].reduce<string>(
      (message, secret) => (secret ? message.replaceAll(secret, '[redacted]') : message),
      text,
    );
  }
}

interface Exchanged {
  status: number;
  headers: ServiceNowReply['headers'];
  text: string;
}

type Outcome =
  | { kind: 'reply'; reply: ServiceNowReply }
  | { kind: 'failure'; failure: ServiceNowFailure; again: boolean; waitMilliseconds: number };

function resultOf(text: string): JsonValue {
  const answer = text === '' ? {} : parseObject(text);
  if (answer !== null) return answer['result'] ?? null;
  throw new ServiceNowFailure('its answer is no JSON; a developer instance that sleeps answers so until somebody logs in', { status: 200, uncertain: true });
}

function reasonOf(text: string): string {
  const error = parseObject(text)?.['error'];
  const parts: unknown[] = isJsonObject(error ?? null) ? [(error as JsonObject)['message'], (error as JsonObject)['detail']] : [error];
  const said = parts.filter((part): part is string => typeof part === 'string' && part !== '').join(': ');
  return said === '' ? '' : ` (${said.slice(0, 300)})`;
}

function parseObject(text: string): JsonObject | null {
  try {
    const value = JSON.parse(text) as JsonValue;
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** Milliseconds; 0 where the header is absent or a date. */
function retryAfter(headers: ServiceNowReply['headers']): number {
  const seconds = Number(headers['retry-after'] ?? 0);
  return Number.isFinite(seconds) ? seconds * 1000 : 0;
}
