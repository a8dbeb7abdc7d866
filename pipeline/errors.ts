/**
 * Every error that Syngraph raises on purpose has one of these codes, so that callers and the
 * command line can tell a user's mistake from a fault of ours without reading messages.
 */
export type SyngraphErrorCode =
  // mistakes in what the user wrote or typed: exit code 2, never a stack trace
  | 'PIPELINE_INVALID'
  | 'USAGE'
  | 'TASK_NOT_FOUND'
  | 'TASK_NOT_ALLOWED'
  | 'MODELS_INVALID'
  | 'RUN_EXISTS'
  | 'RUN_NOT_FOUND'
  | 'RUN_CHANGED'
  // the data
  | 'SOURCE_NOT_FOUND'
  | 'SOURCE_INVALID'
  | 'SOURCE_CHANGED'
  | 'SINK_FAILED'
  // one record
  | 'FUNCTION_FAILED'
  | 'FUNCTION_TIMED_OUT'
  | 'FUNCTION_CRASHED'
  | 'OUTPUT_INVALID'
  | 'PROMPT_INVALID'
  | 'MEDIA_INVALID'
  | 'ANSWER_INVALID'
  | 'ANSWER_TRUNCATED'
  | 'ANSWER_EMPTY'
  | 'ANSWER_REFUSED'
  | 'ITEMS_INVALID'
  | 'SAMPLE_INVALID'
  | 'FIELD_INVALID'
  | 'CONVERSATION_INVALID'
  | 'REVIEW_REJECTED'
  | 'QUALITY_REJECTED'
  | 'QUALITY_RULE_FAILED'
  | 'ROUTE_INVALID'
  | 'TOO_MANY_VISITS'
  | 'TOO_MANY_ATTEMPTS'
  | 'TOO_MANY_STEPS'
  // the model endpoint
  | 'MODEL_UNAVAILABLE'
  | 'MODEL_MISCONFIGURED'
  | 'MODEL_REJECTED'
  | 'FAILURE_SHARE'
  // why a run stands still, or has stopped before its end
  | 'PAUSED'
  | 'BUDGET_REACHED'
  | 'TOKENS_REACHED'
  | 'DEADLINE_REACHED'
  // a set of records
  | 'SET_TOO_LARGE'
  // the servers of tools
  | 'TOOL_SERVER_UNAVAILABLE'
  // our surroundings
  | 'PYTHON_MISSING'
  | 'SERVER_UNAVAILABLE'
  | 'SERVER_INCOMPATIBLE'
  | 'PAYLOAD_UNREADABLE'
  | 'STORE_INVALID'
  | 'STORE_DENIED'
  | 'STORE_UNAVAILABLE'
  | 'DISK_FULL'
  | 'INTERNAL';

export interface SyngraphErrorOptions {
  code: SyngraphErrorCode;
  /** What happened and where, with the values that would have been allowed. */
  message: string;
  /** What the reader can do now; printed on a line of its own. */
  nextStep?: string;
  /** Typed context for machines: record, node, model, file … Never a secret. */
  details?: Record<string, string | number | boolean | null>;
  cause?: unknown;
}

/** The one base class. Build it where the fault is known best, with secrets already redacted. */
export class SyngraphError extends Error {
  override readonly name = 'SyngraphError';
  readonly code: SyngraphErrorCode;
  readonly nextStep: string | undefined;
  readonly details: Record<string, string | number | boolean | null>;

  constructor(options: SyngraphErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.nextStep = options.nextStep;
    this.details = options.details ?? {};
  }
}
