import { rootCertificates } from 'node:tls';
import { Agent, EnvHttpProxyAgent, type Dispatcher } from 'undici';
import { watchAbort } from './watch-abort.ts';

export interface HttpSenderOptions {
  /** For the whole exchange: connecting, headers and body. */
  timeoutMilliseconds: number;
  /** Default 4 MB. */
  maximumBodyBytes?: number;
  verifyTls: boolean;
  /** PEM text of a certificate to trust besides the usual ones. */
  certificate?: string;
  environment: NodeJS.ProcessEnv;
}

export interface HttpRequest {
  method: 'GET' | 'POST';
  origin: string;
  path: string;
  /** Names and values in turn. */
  headers: string[];
  body: string | Uint8Array | null;
  /** The answer is no text: its bytes are wanted as they are. */
  isBinary?: boolean;
  signal: AbortSignal;
  /** Default: the sender's. */
  maximumBodyBytes?: number;
  /** Gives the request up as long as it waits for a connection. */
  unsentSignal?: AbortSignal;
}

export interface HttpReply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** Empty where bytes were wanted and the status is one of success. */
  body: string;
  /** Where bytes were wanted. */
  content?: Buffer;
}

/** The exchange took longer than its time limit. Not called a timeout: packages that send through us (`sender-fetch.ts`) replace errors that are, cause and all. */
export class HttpOverdueError extends Error {
  override readonly name = 'HttpOverdueError';
}

/** The body outgrew its limit; the connection was closed. */
export class HttpBodyTooLargeError extends Error {
  override readonly name = 'HttpBodyTooLargeError';
  readonly limitBytes: number;

  constructor(limitBytes: number) {
    super(`The body is larger than ${limitBytes} bytes.`);
    this.limitBytes = limitBytes;
  }
}

/** No connection could be made in time: nobody answered, unlike where an answer took too long. */
export class HttpUnreachableError extends Error {
  override readonly name = 'HttpUnreachableError';
}

const MAXIMUM_CONNECT_MILLISECONDS = 10_000;
const DEFAULT_MAXIMUM_BODY_BYTES = 4 * 1024 * 1024;
const LOOPBACK = /^https?:\/\/(localhost|127(\.\d+){3}|\[::1\])(:|$)/;

/**
 * Sends requests over kept-alive connections and reads each reply whole. It spends little on
 * a call: one sweep ends what has timed out instead of a timer per call, and no web streams.
 * Opens as many connections as there are calls; bounding those is the limiter's part.
 */
export class HttpSender {
  readonly #dispatcher: Dispatcher;
  readonly #options: HttpSenderOptions;
  readonly #direct: Dispatcher;
  readonly #maximumBodyBytes: number;
  /** In the order of their starts and so, all limits being equal, of their deadlines. */
  readonly #exchanges = new Set<Exchange>();
  #sweep: NodeJS.Timeout | undefined;

  constructor(options: HttpSenderOptions) {
    this.#options = options;
    this.#maximumBodyBytes = options.maximumBodyBytes ?? DEFAULT_MAXIMUM_BODY_BYTES;
    const agentOptions = {
      // Ours covers the whole exchange; undici's would each need a timer.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: {
        rejectUnauthorized: options.verifyTls,
        ...(options.certificate === undefined ? {} : { ca: [...rootCertificates, options.certificate] }),
        timeout: Math.min(MAXIMUM_CONNECT_MILLISECONDS, options.timeoutMilliseconds),
      },
      keepAliveTimeout: 30_000,
    };
    this.#direct = new Agent(agentOptions);
    const { HTTP_PROXY, http_proxy, HTTPS_PROXY, https_proxy, NO_PROXY, no_proxy } = options.environment;
    const httpProxy = http_proxy ?? HTTP_PROXY ?? '';
    const httpsProxy = https_proxy ?? HTTPS_PROXY ?? '';
    this.#dispatcher =
      httpProxy === '' && httpsProxy === ''
        ? this.#direct
        : new EnvHttpProxyAgent({ ...agentOptions, httpProxy, httpsProxy, noProxy: no_proxy ?? NO_PROXY ?? '' });
  }

  /**
   * Rejects with HttpOverdueError, HttpUnreachableError, HttpBodyTooLargeError, the signal's
   * reason, or undici's error where the connection failed.
   */
  send(request: HttpRequest): Promise<HttpReply> {
    return new Promise((resolve, reject) => {
      for (const signal of [request.signal, request.unsentSignal]) {
        if (signal?.aborted === true) return reject(abortReason(signal));
      }
      const exchange = new Exchange({
        deadline: Date.now() + this.#options.timeoutMilliseconds,
        maximumBodyBytes: request.maximumBodyBytes ?? this.#maximumBodyBytes,
        isBinary: request.isBinary === true,
        settle: (outcome) => {
          this.#exchanges.delete(exchange);
          stopWatching();
          stopWatchingUnsent();
          if (outcome instanceof Error) reject(outcome);
          else resolve(outcome);
        },
      });
      const stopWatching = watchAbort(request.signal, () => exchange.fail(abortReason(request.signal)));
      const { unsentSignal } = request;
      const stopWatchingUnsent =
        unsentSignal === undefined
          ? (): void => undefined
          : watchAbort(unsentSignal, () => {
              if (!exchange.isSent) exchange.fail(abortReason(unsentSignal));
            });
      this.#exchanges.add(exchange);
      this.#sweep ??= setInterval(() => this.#endOverdue(), Math.min(250, this.#options.timeoutMilliseconds)).unref();
      const dispatcher =
        this.#dispatcher === this.#direct || LOOPBACK.test(request.origin) ? this.#direct : this.#dispatcher;
      const { method, origin, path, headers, body } = request;
      dispatcher.dispatch({ origin, path, method, headers, body }, exchange);
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep);
    for (const exchange of this.#exchanges) exchange.fail(new Error('The client was closed.'));
    await Promise.all([this.#direct.destroy(), this.#dispatcher === this.#direct ? null : this.#dispatcher.destroy()]);
  }

  #endOverdue(): void {
    const now = Date.now();
    for (const exchange of this.#exchanges) {
      if (exchange.deadline > now) break;
      exchange.fail(new HttpOverdueError(`No complete answer within ${this.#options.timeoutMilliseconds / 1000} s.`));
    }
    if (this.#exchanges.size > 0) return;
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }
}

interface ExchangeOptions {
  deadline: number;
  maximumBodyBytes: number;
  isBinary: boolean;
  settle: (outcome: HttpReply | Error) => void;
}

/** One request and its reply, as undici tells of it. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly deadline: number;
  readonly #options: ExchangeOptions;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: HttpReply['headers'] = {};
  #chunks: Buffer[] = [];
  #bytes = 0;
  #isSettled = false;

  constructor(options: ExchangeOptions) {
    this.deadline = options.deadline;
    this.#options = options;
  }

  /** It has a connection. */
  get isSent(): boolean {
    return this.#controller !== undefined;
  }

  /** Gives the exchange up, whatever state it is in. */
  fail(error: Error): void {
    this.#settle(error);
    this.#controller?.abort(error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // It was given up while it waited for its connection.
    if (this.#isSettled) controller.abort(new Error('The call was given up.'));
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: HttpReply['headers']): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#options.maximumBodyBytes)
      this.fail(new HttpBodyTooLargeError(this.#options.maximumBodyBytes));
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [first] = this.#chunks;
    const body = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
    const reply = { status: this.#status, headers: this.#headers };
    const isContent = this.#options.isBinary && this.#status >= 200 && this.#status < 300;
    this.#settle(isContent ? { ...reply, body: '', content: body } : { ...reply, body: body.toString('utf8') });
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    const isConnectTimeout = 'code' in error && error.code === 'UND_ERR_CONNECT_TIMEOUT';
    this.#settle(isConnectTimeout ? new HttpUnreachableError('No connection could be made in time.') : error);
  }

  #settle(outcome: HttpReply | Error): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#options.settle(outcome);
  }
}

function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error
    ? signal.reason
    : new Error('The call was cancelled.', { cause: signal.reason });
}
