import { BROKEN_CLASSES, NAMED_BEHAVIOURS, type BatchScript, type BrokenAnswers, type FakeModelAnswer, type FakeModelRule, type FakeModelScript, type FakeModelToolCall } from './script.ts';

/** Spelt as objects, so that the compiler notices a key that is missing. */
const KEYS = {
  script: {
    latencyMilliseconds: true, failureRate: true, failureWeights: true, retryAfterSeconds: true, seed: true, maxInFlight: true, failAfterCalls: true,
    behaviour: true, rules: true, requireKey: true, answer: true, broken: true, batches: true,
  } satisfies Record<keyof FakeModelScript, true>,
  rule: { match: true, behaviour: true, answer: true, times: true } satisfies Record<keyof FakeModelRule, true>,
  answer: { text: true, json: true, words: true, reasoning: true, toolCalls: true } satisfies Record<keyof FakeModelAnswer, true>,
  broken: { share: true, classes: true, times: true } satisfies Record<keyof BrokenAnswers, true>,
  batches: { delayMilliseconds: true, failedShare: true, expire: true, refuse: true, cutCreations: true, creationMilliseconds: true } satisfies Record<keyof BatchScript, true>,
};

/**
 * Checks a script that came from outside.
 * @throws Error that names the key at fault and what is allowed
 */
export function checkScript(value: unknown): FakeModelScript {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error('The script must be a JSON object.');
  }
  const script = value as Record<string, unknown>;
  checkKeys(script, KEYS.script, 'the script');
  if (script.behaviour !== undefined) checkBehaviour(script.behaviour);
  if (script.rules !== undefined) checkRules(script.rules);
  const rate = script.failureRate;
  if (rate !== undefined && !(typeof rate === 'number' && rate >= 0 && rate <= 1)) {
    throw new Error('failureRate must be a number from 0 to 1.');
  }
  if (script.answer !== undefined) checkAnswer(script.answer);
  if (script.broken != null) checkBroken(script.broken);
  if (script.batches != null) checkKeys(script.batches, KEYS.batches, 'batches');
  return script;
}

function checkAnswer(answer: unknown): void {
  checkKeys(answer, KEYS.answer, 'an answer');
  const turns = (answer as FakeModelAnswer).toolCalls;
  if (turns === undefined) return;
  const calls: unknown = Array.isArray(turns) ? turns.flat() : null;
  if (!Array.isArray(calls) || calls.some((call: FakeModelToolCall | null) => typeof call?.name !== 'string')) {
    throw new Error('toolCalls must be a list of turns: each {"name": …, "arguments": {…}}, or a list of those.');
  }
}

function checkBroken(broken: unknown): void {
  checkKeys(broken, KEYS.broken, 'broken');
  const { share, classes = [] } = broken as Partial<BrokenAnswers>;
  if (!(typeof share === 'number' && share >= 0 && share <= 1)) throw new Error('broken.share must be a number from 0 to 1.');
  const unknown = Array.isArray(classes) ? classes.find((each) => !BROKEN_CLASSES.includes(each)) : String(classes);
  if (unknown !== undefined) {
    throw new Error(`Unknown class ${JSON.stringify(unknown)} in broken.classes; allowed are ${BROKEN_CLASSES.join(', ')}.`);
  }
}

function checkRules(rules: unknown): void {
  if (!Array.isArray(rules)) throw new Error('rules must be a list.');
  for (const rule of rules as Partial<FakeModelRule>[]) {
    checkKeys(rule, KEYS.rule, 'a rule');
    if (typeof rule.match !== 'string') throw new Error('Every rule needs `match`, a regular expression.');
    new RegExp(rule.match);
    if (rule.behaviour !== undefined) checkBehaviour(rule.behaviour);
    if (rule.answer !== undefined) checkAnswer(rule.answer);
  }
}

function checkKeys(value: unknown, allowed: Record<string, true>, where: string): void {
  if (typeof value !== 'object' || value === null) throw new Error(`${where} must be a JSON object.`);
  const unknown = Object.keys(value).find((key) => !Object.hasOwn(allowed, key));
  if (unknown === undefined) return;
  throw new Error(`Unknown key ${JSON.stringify(unknown)} in ${where}; allowed are ${Object.keys(allowed).join(', ')}.`);
}

function checkBehaviour(behaviour: unknown): void {
  const isStatus = typeof behaviour === 'number' && behaviour >= 200 && behaviour < 600;
  if (isStatus || NAMED_BEHAVIOURS.includes(behaviour as 'answer')) return;
  throw new Error(
    `Unknown behaviour ${JSON.stringify(behaviour)}; allowed are ${NAMED_BEHAVIOURS.join(', ')} and HTTP statuses.`,
  );
}
