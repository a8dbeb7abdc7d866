import { Environment, Interpreter, Template } from '@huggingface/jinja';
import type { JsonObject } from '../../../pipeline/json.ts';

/** Templates take some thousand steps for a long conversation; the worker does nothing else meanwhile. */
const MOST_STEPS = 100_000;
const LONGEST_RANGE = 1000;
const LONGEST_PROMPT = 32 * 1024 * 1024;

/**
 * Renders a chat template as the transformers library does. The template may come from anywhere: steps, ranges and
 * the length of the result are bounded, so that none can hold the worker up.
 * @throws Error where the template is broken, refuses the messages, or goes on for too long
 */
export function renderTemplate(template: string, values: JsonObject): string {
  const { parsed } = new Template(template) as unknown as { parsed: unknown };
  const environment = new (Environment as unknown as new () => { set(name: string, value: unknown): unknown })();
  for (const [name, value] of Object.entries({ ...globals(), ...values })) environment.set(name, value);
  const prompt = new BoundedInterpreter(environment).run(parsed).value;
  if (typeof prompt !== 'string') throw new Error('the template makes no text');
  if (prompt.length > LONGEST_PROMPT) throw new Error(`the template makes a prompt of more than ${LONGEST_PROMPT} characters`);
  return prompt;
}

/** The package's own declarations cannot be resolved by TypeScript: their imports lack extensions. */
type InterpreterClass = new (environment: unknown) => {
  run(program: unknown): { value: unknown };
  evaluate(statement: unknown, environment: unknown): unknown;
};

class BoundedInterpreter extends (Interpreter as unknown as InterpreterClass) {
  #steps = 0;

  override evaluate(statement: unknown, environment: unknown): unknown {
    this.#steps++;
    if (this.#steps > MOST_STEPS) throw new Error(`the template takes more than ${MOST_STEPS} steps`);
    return super.evaluate(statement, environment);
  }
}

/** What templates may use besides their values, as transformers defines it. */
function globals(): Record<string, unknown> {
  return {
    true: true,
    false: false,
    none: null,
    True: true,
    False: false,
    None: null,
    raise_exception: (message: string) => {
      throw new Error(`the template refuses the messages: ${message}`);
    },
    range,
    strftime_now: (format: string) => formatTime(format, new Date()),
  };
}

function range(first: number, end?: number, step = 1): number[] {
  const [from, to] = end === undefined ? [0, first] : [first, end];
  const count = Math.max(0, Math.ceil((to - from) / step));
  if (!(count <= LONGEST_RANGE)) throw new Error(`the template loops over a range of more than ${LONGEST_RANGE}`);
  return Array.from({ length: count }, (_, index) => from + index * step);
}

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

/** The directives of strftime that templates use; the time is UTC. */
function formatTime(format: string, now: Date): string {
  const month = MONTHS[now.getUTCMonth()] ?? '';
  const iso = now.toISOString();
  const values: Record<string, string> = {
    Y: iso.slice(0, 4),
    m: iso.slice(5, 7),
    d: iso.slice(8, 10),
    H: iso.slice(11, 13),
    M: iso.slice(14, 16),
    S: iso.slice(17, 19),
    B: month,
    b: month.slice(0, 3),
  };
  return format.replace(/%([YmdHMSBb])/g, (_, directive: string) => values[directive] ?? '');
}
