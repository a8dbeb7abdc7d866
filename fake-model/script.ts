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
}

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
 * `text` and the values of `json` are templates: `{prompt}` is the start of the last user
 * message, `{words}` filler text, `{hash}` the request's hash. Without either: `{prompt}: {words}`.
 */
export interface FakeModelAnswer {
  text?: string;
  /** Answers with a JSON object. A value that is not a string is taken as it is. */
  json?: Record<string, unknown>;
  /** Words of filler text. Default 50. */
  words?: number;
}

const KEYS = new Set<keyof FakeModelScript>([
  'latencyMilliseconds',
  'failureRate',
  'failureWeights',
  'retryAfterSeconds',
  'seed',
  'maxInFlight',
  'failAfterCalls',
  'behaviour',
  'rules',
  'requireKey',
  'answer',
]);

/**
 * Checks a script that came from outside.
 * @throws Error that names the key at fault and what is allowed
 */
export function checkScript(value: unknown): FakeModelScript {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error('The script must be a JSON object.');
  }
  const script = value as Record<string, unknown>;
  for (const key of Object.keys(script)) {
    if (!KEYS.has(key as keyof FakeModelScript)) {
      throw new Error(`Unknown key ${JSON.stringify(key)} in the script; allowed are ${[...KEYS].join(', ')}.`);
    }
  }
  if (script.behaviour !== undefined) checkBehaviour(script.behaviour);
  if (script.rules !== undefined) checkRules(script.rules);
  const rate = script.failureRate;
  if (rate !== undefined && !(typeof rate === 'number' && rate >= 0 && rate <= 1)) {
    throw new Error('failureRate must be a number from 0 to 1.');
  }
  return script;
}

function checkRules(rules: unknown): void {
  if (!Array.isArray(rules)) throw new Error('rules must be a list.');
  for (const rule of rules as Partial<FakeModelRule>[]) {
    if (typeof rule.match !== 'string') throw new Error('Every rule needs `match`, a regular expression.');
    new RegExp(rule.match);
    if (rule.behaviour !== undefined) checkBehaviour(rule.behaviour);
  }
}

function checkBehaviour(behaviour: unknown): void {
  const isStatus = typeof behaviour === 'number' && behaviour >= 200 && behaviour < 600;
  if (isStatus || NAMED_BEHAVIOURS.includes(behaviour as 'answer')) return;
  throw new Error(
    `Unknown behaviour ${JSON.stringify(behaviour)}; allowed are ${NAMED_BEHAVIOURS.join(', ')} and HTTP statuses.`,
  );
}
