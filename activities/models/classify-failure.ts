import { HttpBodyTooLargeError, HttpUnreachableError, HttpOverdueError } from './http-sender.ts';
import { ModelCallError, type ModelCallErrorOptions } from './model-call-error.ts';
import type { ModelEndpoint } from './model-endpoint.ts';
import { parseRetryAfter } from './parse-retry-after.ts';

/** What an endpoint said when it did not answer the request. */
export interface HttpFailure {
  status: number;
  header: (name: string) => string | null;
  /** `error.code` and `error.type` of the body, where it has them. */
  code: string | null;
  type: string | null;
  /** The provider's own words. */
  message: string;
}

export interface FailureContext {
  modelName: string;
  modelId: string;
  endpoint: ModelEndpoint;
  redact: (text: string) => string;
  now: number;
}

type Verdict = Pick<ModelCallErrorOptions, 'kind' | 'reason'> & { nextStep?: string };

const LONGEST_MESSAGE = 500;
const PASSING_STATUSES = new Set([408, 409, 425, 429]);
/** Anthropic's own status beside 503: everybody's calls are too many. */
const OVERLOADED_STATUS = 529;
const QUOTA = /insufficient_quota|quota_?exceeded|billing|credit|payment_required/i;
/** Said in words alone, with a status that means other things too. */
const QUOTA_WORDS = /credit balance is too low|insufficient (balance|credits?|funds)|exceeded your (current|monthly) (quota|included credits)/i;
const UNKNOWN_MODEL_WORDS = /model identifier is invalid|\binvalid model\b|model\b.*\b(not found|does not exist)/is;
const UNKNOWN_MODEL =
  /model_not_found|invalid_model|unknown_model|deployment_?not_?found|\bmodel\b.*\b(not found|does not exist|not exist)/is;
const FLAGGED = /content_filter|content_policy|moderation|flagged/i;
const TLS_CODE = /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET_ISSUER))/;

/** Turns an HTTP status that is no answer into the error that says how to go on. */
export function classifyHttpFailure(failure: HttpFailure, context: FailureContext): ModelCallError {
  const verdict = judgeStatus(failure, context);
  const retryAfter = verdict.kind === 'passing' ? parseRetryAfter(failure.header, context.now) : undefined;
  const said = context.redact(failure.message).slice(0, LONGEST_MESSAGE);
  const sentence = `Model "${context.modelName}": ${context.endpoint.displayUrl} answered ${failure.status}${said === '' ? '' : `: ${said}`}`;
  const options: ModelCallErrorOptions = {
    kind: verdict.kind,
    reason: verdict.reason,
    status: failure.status,
    message: verdict.nextStep === undefined ? sentence : `${sentence.replace(/[.:\s]+$/, '')}. ${verdict.nextStep}`,
  };
  if (retryAfter !== undefined) options.retryAfterMilliseconds = retryAfter;
  return new ModelCallError(options);
}

function judgeStatus(failure: HttpFailure, context: FailureContext): Verdict {
  const { status } = failure;
  const codes = `${failure.code ?? ''} ${failure.type ?? ''}`;
  const { key, keyVariable } = context.endpoint;
  if (status === 402 || (status === 429 && QUOTA.test(codes)) || ([400, 403, 429].includes(status) && QUOTA_WORDS.test(failure.message))) {
    return {
      kind: 'configuration',
      reason: 'quota',
      nextStep: 'Top up the account, or set another key, and resume the run.',
    };
  }
  if (status === 401 || (status === 403 && !FLAGGED.test(`${codes} ${failure.message}`))) {
    return {
      kind: 'configuration',
      reason: 'unauthorized',
      nextStep:
        key === null
          ? `The call went out without a key: set ${keyVariable} and resume the run.`
          : `The key comes from ${keyVariable}; mend it and resume the run.`,
    };
  }
  if (status === 404 || status === 405 || status === 410 || (status === 400 && (UNKNOWN_MODEL.test(codes) || UNKNOWN_MODEL_WORDS.test(failure.message)))) {
    return judgeMissing(failure, context);
  }
  if (status >= 300 && status < 400) {
    return {
      kind: 'configuration',
      reason: 'rejected',
      nextStep: 'Redirects are not followed, since they would carry the key along; set the final url.',
    };
  }
  if (status === 429 || status === OVERLOADED_STATUS) return { kind: 'passing', reason: 'overloaded' };
  if (status >= 500 || PASSING_STATUSES.has(status))
    return { kind: 'passing', reason: status === 408 ? 'timeout' : 'server_error' };
  return { kind: 'permanent', reason: 'rejected' };
}

/** A missing path or model concerns every call; anything else that is missing, such as a file, one request. */
function judgeMissing(failure: HttpFailure, context: FailureContext): Verdict {
  const text = `${failure.code ?? ''} ${failure.type ?? ''} ${failure.message}`;
  if (failure.code !== null && !UNKNOWN_MODEL.test(text)) return { kind: 'permanent', reason: 'rejected' };
  return {
    kind: 'configuration',
    reason: 'unknown_model',
    nextStep: `The endpoint must know the model "${context.modelId}", and its url be the one that the provider gives for its API.`,
  };
}

/** Turns what a client threw without an HTTP answer into the error that says how to go on. */
export function classifyThrown(error: unknown, context: FailureContext): ModelCallError {
  const verdict = judgeThrown(error);
  const said = context.redact(describeThrown(error)).slice(0, LONGEST_MESSAGE);
  const message = `Model "${context.modelName}" at ${context.endpoint.displayUrl}: ${said}`;
  return new ModelCallError({
    ...verdict,
    message,
    cause: error instanceof HttpOverdueError ? undefined : redactedCause(error, context),
  });
}

function judgeThrown(error: unknown): Pick<ModelCallErrorOptions, 'kind' | 'reason'> {
  if (error instanceof HttpOverdueError) return { kind: 'passing', reason: 'timeout' };
  // The same request would bring as much again, and each try is paid for.
  if (error instanceof HttpBodyTooLargeError) return { kind: 'permanent', reason: 'malformed_answer' };
  if (error instanceof SyntaxError) return { kind: 'passing', reason: 'malformed_answer' };
  if (TLS_CODE.test(codeOf(error))) return { kind: 'configuration', reason: 'connection' };
  return { kind: 'passing', reason: 'connection' };
}

function describeThrown(error: unknown): string {
  if (error instanceof HttpOverdueError || error instanceof HttpUnreachableError) return error.message;
  if (error instanceof HttpBodyTooLargeError) return `the answer is malformed: ${error.message}`;
  if (error instanceof SyntaxError) return `the answer is malformed: its body is not JSON (${error.message}).`;
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (TLS_CODE.test(code))
    return `its TLS certificate is not trusted (${code}); set ssl_verify: false only for a server of your own.`;
  const words = CONNECTION_WORDS[code];
  return words === undefined
    ? `the connection failed: ${message}${code === '' ? '' : ` (${code})`}.`
    : `${words} (${code}).`;
}

const CONNECTION_WORDS: Record<string, string> = {
  ECONNREFUSED: 'it refuses connections',
  ECONNRESET: 'it cut the connection',
  UND_ERR_SOCKET: 'it cut the connection',
  ENOTFOUND: 'its host name is unknown',
  EAI_AGAIN: 'its host name cannot be looked up now',
};

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  // A host with several addresses fails with one error for each.
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return codeOf(error.cause);
}

/** Node prints causes whole: this one carries no more than its redacted words. */
function redactedCause(error: unknown, context: FailureContext): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  const cause = new Error(context.redact(error.message));
  cause.name = error.name;
  return cause;
}
