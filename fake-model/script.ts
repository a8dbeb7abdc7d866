/**
 * What the fake model server does; every key is optional and can be changed while it runs.
 * The server of `syngraph fake-model`, of the tests and of the benchmark speak this one language.
 */
export interface FakeModelScript {
  /** Time until an answer, failures included; a pair is drawn uniformly from its range. Default 0. */
  latencyMilliseconds?: number | [number, number];
  /** Share of calls from 0 to 1 that fail at random (seeded). Default 0. */
  failureRate?: number;
  /** Relative weights of the random failures. Default: 429, 500, cut_connection and cut_body equally. */
  failureWeights?: Partial<Record<RandomFailure, number>>;
  /** Value of the Retry-After header of every 429; null sends none. Default 1. */
  retryAfterSeconds?: number | null;
  /** Seeds latencies and random failures. Default 1. */
  seed?: number;
  /** Calls beyond this many at once get a 429 at once. */
  maxInFlight?: number | null;
  /** After `count` calls every further one gets `status`. */
  failAfterCalls?: { count: number; status: number } | null;
  /** What every call gets that no rule covers. Default `answer`. */
  behaviour?: Behaviour;
  /** The first rule whose pattern is found in the last user message decides. */
  rules?: FakeModelRule[];
  /** Calls without this bearer token or `api-key` header get a 401. */
  requireKey?: string | null;
  answer?: FakeModelAnswer;
  /** Breaks a share of the answers that are JSON objects: scripted by `json`, or wanted by `response_format`. */
  broken?: BrokenAnswers | null;
  /** How batches go. */
  batches?: BatchScript | null;
}

export interface BatchScript {
  /** From its creation until a batch has ended. Default 0. */
  delayMilliseconds?: number;
  /** Share of the requests of each batch, from 0 to 1, that end with a 500. Default 0. */
  failedShare?: number;
  /** So many batches expire when half of their requests are answered. Default 0. */
  expire?: number;
  /** The first `times` batches fail as a whole, with these words. */
  refuse?: { code: string; message: string; times: number };
  /** So many creations are carried out, and their connection is cut instead of an answer. Default 0. */
  cutCreations?: number;
  /** From the creation of a batch until its creator is told. Default 0. */
  creationMilliseconds?: number;
}

export interface BrokenAnswers {
  /** Share of prompts from 0 to 1. Which ones, and how, the first user message and the seed decide. */
  share: number;
  /** Default: all six, equally. */
  classes?: BrokenClass[];
  /** So many answers of a conversation are broken, those before counted by its assistant messages. Default 1. */
  times?: number;
}

/**
 * `fence` and `prose` put text around the JSON, `trailing_comma` and `single_quotes` (a Python literal) are
 * not quite JSON, `wrong_type` gives the first key a value of another type, `missing_key` leaves it out.
 */
export const BROKEN_CLASSES = ['fence', 'prose', 'trailing_comma', 'single_quotes', 'wrong_type', 'missing_key'] as const;

export type BrokenClass = (typeof BROKEN_CLASSES)[number];

export type RandomFailure = '429' | '500' | 'cut_connection' | 'cut_body';

/** A number is an HTTP status to fail with. `huge` answers 5 MB, `length` is cut off, `refuse` is a refusal. */
export type Behaviour = number | (typeof NAMED_BEHAVIOURS)[number];

export const NAMED_BEHAVIOURS = [
  'answer',
  'refuse',
  'length',
  'empty',
  'cut_connection',
  'cut_body',
  'hang',
  'bad_json',
  'empty_choices',
  'huge',
  'content_filter',
] as const;

export interface FakeModelRule {
  /** Regular expression searched for in the last user message. */
  match: string;
  /** Default `answer`. */
  behaviour?: Behaviour;
  answer?: FakeModelAnswer;
  /** The rule holds for its first `times` matches only; later ones pass it by. */
  times?: number;
}

/**
 * `text`, `reasoning`, the values of `json` and the arguments of tool calls are templates: `{prompt}` is the start of
 * the last user message, `{words}` filler text, `{hash}` the request's hash (and the sample's), `{step}` the number of
 * tool turns so far. Without `text` and `json` a `response_format` (or vLLM's `guided_json`) gets values that fit
 * its schema; any other call gets `{prompt}: {words}`.
 */
export interface FakeModelAnswer {
  text?: string;
  /** Answers with a JSON object. A value that is not a string is taken as it is. */
  json?: Record<string, unknown>;
  /** Words of filler text. Default 50. */
  words?: number;
  /** Sent as `reasoning_content` beside the answer. */
  reasoning?: string;
  /**
   * Turns of tool calls that come before the answer, where the request offers tools. The turn is told from the
   * conversation: the assistant messages with tool calls since its last user message. Each turn is one call, or a list
   * of calls to make at once. `tool_choice: required` without a script calls the first tool once, with arguments that fit.
   */
  toolCalls?: (FakeModelToolCall | FakeModelToolCall[])[];
}

export interface FakeModelToolCall {
  name: string;
  arguments?: Record<string, unknown>;
}
