import { readFileSync } from 'node:fs';
import type { JsonValue } from '../../pipeline/json.ts';
import type { ModelPlan } from '../../pipeline/plan.ts';
import { classifyHttpFailure, classifyThrown, type FailureContext } from './classify-failure.ts';
import { HttpSender, type HttpReply } from './http-sender.ts';
import { ModelCallError } from './model-call-error.ts';
import type { ModelClientOptions, ModelEndpoint } from './model-endpoint.ts';
import { readFailureBody } from './read-failure-body.ts';
import { createRedactor } from './redact-secrets.ts';

export interface ProviderPost {
  /** Appended to the endpoint's url; with the query, if there is one. */
  path: string;
  /** Besides those of the model. */
  headers?: Record<string, string>;
  body: unknown;
  /** Sent in the place of the body. */
  form?: FormData;
  /** The answer's bytes are wanted, not its text. */
  isBinary?: boolean;
  signal: AbortSignal;
  unsentSignal?: AbortSignal | undefined;
  /** Default 4 MB. */
  maximumBodyBytes?: number;
}

/** Requests to one endpoint of a provider, and the errors that become of them: what every client has in common. */
export class ProviderHttp {
  readonly sender: HttpSender;
  /** Of the model, those from the environment included. */
  readonly headers: Record<string, string>;
  readonly #model: ModelPlan;
  readonly #endpoint: ModelEndpoint;
  readonly #redact: (text: string) => string;

  /** @throws ModelCallError where a header's variable is not set, or the certificate cannot be read */
  constructor({ model, endpoint, environment }: ModelClientOptions) {
    this.#model = model;
    this.#endpoint = endpoint;
    const secrets = secretHeaders(model, environment);
    this.headers = { ...model.headers, ...secrets };
    this.#redact = createRedactor(environment, [...(endpoint.key === null ? [] : [endpoint.key]), ...Object.values(secrets)]);
    this.sender = new HttpSender({
      timeoutMilliseconds: model.timeoutSeconds * 1000,
      verifyTls: model.verifyTls,
      environment,
      ...(model.certificateFile === null ? {} : { certificate: readCertificate(model, model.certificateFile) }),
    });
  }

  /**
   * Posts JSON, and reads the answer as JSON.
   * @throws ModelCallError, or a signal's reason
   */
  async post(request: ProviderPost): Promise<JsonValue> {
    return this.#ask(request, ({ body }) => JSON.parse(body) as JsonValue);
  }

  /** As `post`, where the answer need not be JSON. */
  async fetch(request: ProviderPost): Promise<HttpReply> {
    return this.#ask(request, (reply) => reply);
  }

  async #ask<Result>(request: ProviderPost, read: (reply: HttpReply) => Result): Promise<Result> {
    try {
      return read(this.#accepted(await this.#send(request)));
    } catch (error) {
      throw this.causeOf(error, request);
    }
  }

  #accepted(reply: HttpReply): HttpReply {
    if (reply.status < 200 || reply.status >= 300) throw this.failure(reply);
    return reply;
  }

  /**
   * Gets what is at a path, as text.
   * @throws ModelCallError, or the signal's reason
   */
  async get({ path, headers, signal, maximumBodyBytes }: Pick<ProviderPost, 'path' | 'headers' | 'signal' | 'maximumBodyBytes'>): Promise<string> {
    try {
      const reply = await this.#get({ path, headers: { ...headers, ...this.headers }, signal, ...(maximumBodyBytes === undefined ? {} : { maximumBodyBytes }) });
      return this.#accepted(reply).body;
    } catch (error) {
      throw this.causeOf(error, { signal });
    }
  }

  #get({ path, headers, ...more }: { path: string; headers: Record<string, string>; signal: AbortSignal; maximumBodyBytes?: number }): Promise<HttpReply> {
    const url = new URL(this.#endpoint.url + path);
    return this.sender.send({ method: 'GET', origin: url.origin, path: url.pathname + url.search, headers: Object.entries(headers).flat(), body: null, ...more });
  }

  /** Whether a GET is answered with anything but 429 and 5xx. Rejects only with the signal's reason. */
  async probe(request: { path: string; headers?: Record<string, string>; signal: AbortSignal }): Promise<boolean> {
    const { signal } = request;
    try {
      const { status } = await this.#get({ path: request.path, headers: { ...this.headers, ...request.headers }, signal });
      return status !== 429 && status < 500;
    } catch {
      // Whatever went wrong, nobody has answered.
      signal.throwIfAborted();
      return false;
    }
  }

  /** What an HTTP answer that is none means. */
  failure(reply: HttpReply): ModelCallError {
    const header = (name: string): string | null => [reply.headers[name]].flat().filter((each) => each !== undefined).join(', ') || null;
    const words = readFailureBody(reply.body);
    // AWS names the fault in a header, with an address behind a colon.
    const type = words.type ?? header('x-amzn-errortype')?.replace(/:.*$/, '') ?? null;
    return classifyHttpFailure({ status: reply.status, header, ...words, type }, this.failureContext());
  }

  /** What an exchange throws that has failed: the reason of the signal that has ended it, else a ModelCallError. */
  causeOf(error: unknown, { signal, unsentSignal }: Pick<ProviderPost, 'signal' | 'unsentSignal'>): unknown {
    if (signal.aborted) return signal.reason;
    return unsentSignal?.aborted === true && error === unsentSignal.reason ? error : this.classify(error);
  }

  classify(error: unknown): ModelCallError {
    return error instanceof ModelCallError ? error : classifyThrown(error, this.failureContext());
  }

  /** A 200 whose body is not what the API promises. */
  malformed(what: string): ModelCallError {
    const message = `Model "${this.#model.name}" at ${this.#endpoint.displayUrl}: the answer is malformed: ${what}.`;
    return new ModelCallError({ kind: 'passing', reason: 'malformed_answer', status: 200, message });
  }

  failureContext(): FailureContext {
    const { name: modelName, modelId } = this.#model;
    return { modelName, modelId, endpoint: this.#endpoint, redact: this.#redact, now: Date.now() };
  }

  close(): Promise<void> {
    return this.sender.close();
  }

  async #send({ path, headers, body, form, isBinary, signal, unsentSignal, maximumBodyBytes }: ProviderPost): Promise<HttpReply> {
    const url = new URL(this.#endpoint.url + path);
    const sent = form === undefined ? { type: 'application/json', content: JSON.stringify(body) } : await encodeForm(form);
    return this.sender.send({
      method: 'POST',
      origin: url.origin,
      path: url.pathname + url.search,
      headers: Object.entries({ 'content-type': sent.type, accept: isBinary === true ? '*/*' : 'application/json', ...headers, ...this.headers }).flat(),
      body: sent.content,
      ...(isBinary === undefined ? {} : { isBinary }),
      signal,
      ...(unsentSignal === undefined ? {} : { unsentSignal }),
      ...(maximumBodyBytes === undefined ? {} : { maximumBodyBytes }),
    });
  }
}

/** The platform writes forms, boundary and all, where it makes a body of them. */
async function encodeForm(form: FormData): Promise<{ type: string; content: Uint8Array }> {
  const encoded = new Response(form);
  return { type: encoded.headers.get('content-type') ?? '', content: new Uint8Array(await encoded.arrayBuffer()) };
}

function secretHeaders(model: ModelPlan, environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(model.secretHeaders).map(([header, variable]) => {
      const value = environment[variable]?.trim() ?? '';
      if (value === '') throw misconfigured(model, `the header ${header} comes from ${variable}, which is not set.`);
      return [header, value];
    }),
  );
}

function readCertificate(model: ModelPlan, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw misconfigured(model, `ssl_cert: ${file} cannot be read (${code}); give the path of a PEM file, as seen from the worker's folder.`);
  }
}

function misconfigured(model: ModelPlan, what: string): ModelCallError {
  return new ModelCallError({ kind: 'configuration', reason: 'rejected', message: `Model "${model.name}": ${what}` });
}
