import { InferenceClient } from '@huggingface/inference';
import { ModelCallError } from '../model-call-error.ts';
import type { ModelClientOptions } from '../model-endpoint.ts';
import { ProviderHttp } from '../provider-http.ts';
import { senderFetch } from './sender-fetch.ts';

const ROUTER = /^https:\/\/router\.huggingface\.co(\/|$)/;

export interface HuggingFaceCall {
  signal: AbortSignal;
  unsentSignal: AbortSignal | undefined;
  maximumBodyBytes?: number;
  isBinary?: boolean;
}

type Ask<Result> = (client: InferenceClient, options: { fetch: typeof fetch; retry_on_error: false; signal: AbortSignal }) => Promise<Result>;

/** Hugging Face's package over our own connections, with our errors. */
export class HuggingFaceConnection {
  readonly http: ProviderHttp;
  /** The endpoint where it is not the router, which the package knows itself. */
  readonly own: { endpointUrl: string } | Record<string, never>;
  readonly #name: string;
  readonly #client: InferenceClient;

  constructor(options: ModelClientOptions) {
    const { model, endpoint } = options;
    this.#name = model.name;
    this.http = new ProviderHttp(options);
    this.#client = new InferenceClient(endpoint.key ?? undefined);
    this.own = ROUTER.test(endpoint.url) ? {} : { endpointUrl: endpoint.url };
  }

  /** @throws ModelCallError, or a signal's reason */
  async ask<Result>(call: HuggingFaceCall, ask: Ask<Result>): Promise<Result> {
    const { signal, unsentSignal } = call;
    const { sender, headers } = this.http;
    try {
      const fetch = senderFetch({ ...call, sender, headers, failure: (reply) => this.http.failure(reply) });
      return await ask(this.#client, { fetch, retry_on_error: false, signal });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (unsentSignal?.aborted === true && error === unsentSignal.reason) throw error;
      throw this.#classify(error);
    }
  }

  /** The package's own faults: those that it finds before it asks anybody, and answers that it cannot read. */
  #classify(error: unknown): ModelCallError {
    const kind = error instanceof Error ? error.constructor.name : '';
    if (/(Input|Routing|HubApi)Error$/.test(kind)) {
      const said = this.http.failureContext().redact((error as Error).message);
      return new ModelCallError({ kind: 'configuration', reason: 'rejected', message: `Model "${this.#name}": ${said}` });
    }
    return /OutputError$/.test(kind) ? this.http.malformed('the package cannot read it') : this.http.classify(error);
  }
}
