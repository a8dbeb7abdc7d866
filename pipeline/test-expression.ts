import { createContext, Script } from 'node:vm';

export type ExpressionOutcome = 'matches' | 'differs' | 'timed out';

/** An expression that backtracks without end on a model's answer costs this much, once per value. */
const TIME_LIMIT_MILLISECONDS = 250;
/** Up to here an expression with one repetition takes a few milliseconds at worst. */
const SHORT_TEXT = 2_000;

const compiled = new Map<string, { expression: RegExp; simple: boolean }>();
/** Nothing of the user is compiled here: this constant text is the whole script. */
const script = new Script('expression.test(text)');
const sandbox = createContext({ expression: /(?:)/, text: '' });

/**
 * Tests an expression of JavaScript's syntax with the flag u against a text, in bounded time.
 *
 * Texts are model answers, so hostile; a bound on their length alone would not do, since 30
 * characters are enough for exponential backtracking. V8 interrupts its matcher only under a time
 * limit of `node:vm`, which costs 0.1 ms; expressions that cannot backtrack far go without.
 * @throws SyntaxError when the expression is none; the compiler has checked it
 */
export function testExpression(source: string, text: string): ExpressionOutcome {
  const { expression, simple } = prepare(source);
  if (simple && text.length <= SHORT_TEXT) return expression.test(text) ? 'matches' : 'differs';
  sandbox['expression'] = expression;
  sandbox['text'] = text;
  try {
    return script.runInContext(sandbox, { timeout: TIME_LIMIT_MILLISECONDS }) === true ? 'matches' : 'differs';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'timed out';
    throw error;
  } finally {
    sandbox['text'] = '';
  }
}

function prepare(source: string): { expression: RegExp; simple: boolean } {
  const known = compiled.get(source);
  if (known !== undefined) return known;
  // Plans hold few expressions; this only bounds a long-lived worker.
  if (compiled.size >= 1_000) compiled.clear();
  const prepared = { expression: new RegExp(source, 'u'), simple: isSimple(source) };
  compiled.set(source, prepared);
  return prepared;
}

/** At most one repetition, and no repeated group or back reference: quadratic time at worst. */
function isSimple(source: string): boolean {
  if (/\\[1-9k]/.test(source)) return false;
  const bare = source.replace(/\\./gsu, 'x').replace(/\[[^\]]*\]/gs, 'x');
  const repetitions = bare.match(/[*+]|\{\d+,?\d*\}/g)?.length ?? 0;
  return repetitions <= 1 && !/\)[*+?{]/.test(bare);
}
