/**
 * How a failed call is to be treated:
 * - `passing`: 429, 408, 409, 425, 5xx, cut connections, timeouts. Asked again later.
 * - `configuration`: 401, 402, 403, unknown model, exhausted quota. Pauses the run.
 * - `permanent`: a 4xx about this request, content filter, an answer that is no answer. Fails the record.
 */
export type ModelFailureKind = 'passing' | 'configuration' | 'permanent';

/** Finer than the kind, for counting and for messages. */
export type ModelFailureReason =
  | 'overloaded' // 429
  | 'server_error' // 5xx
  | 'connection' // refused, reset, cut: nobody answered
  | 'timeout'
  | 'malformed_answer' // a 200 whose body is not what the API promises, or is too large
  | 'unauthorized'
  | 'unknown_model'
  | 'quota'
  | 'rejected'; // any other 4xx

export interface ModelCallErrorOptions {
  kind: ModelFailureKind;
  reason: ModelFailureReason;
  /** Redacted; names the endpoint. */
  message: string;
  status?: number;
  retryAfterMilliseconds?: number;
  cause?: unknown;
}

export class ModelCallError extends Error {
  override readonly name = 'ModelCallError';
  readonly kind: ModelFailureKind;
  readonly reason: ModelFailureReason;
  readonly status: number | undefined;
  readonly retryAfterMilliseconds: number | undefined;

  constructor(options: ModelCallErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = options.kind;
    this.reason = options.reason;
    this.status = options.status;
    this.retryAfterMilliseconds = options.retryAfterMilliseconds;
  }
}
