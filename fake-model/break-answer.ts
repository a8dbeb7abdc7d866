import { createRandom, hashText } from './random.ts';
import { BROKEN_CLASSES, type BrokenAnswers, type BrokenClass } from './script.ts';

export interface BreakageQuestion {
  /** Text of the first user message, which stays the same when an answer is asked again. */
  prompt: string;
  /** Answers that the conversation already holds. */
  answers: number;
  broken: BrokenAnswers;
  /** The script's. Default 1. */
  seed?: number;
}

/** How the answer to a prompt is broken; null: not at all. The same prompt always gets the same class. */
export function breakageOf({ prompt, answers, broken, seed = 1 }: BreakageQuestion): BrokenClass | null {
  if (answers >= (broken.times ?? 1)) return null;
  const random = createRandom((hashText(prompt) ^ Math.imul(seed, 0x9e3779b1)) >>> 0);
  if (random() >= broken.share) return null;
  const classes = broken.classes ?? BROKEN_CLASSES;
  return classes[Math.floor(random() * classes.length)] ?? null;
}

/** Breaks the text of a JSON object in the way that the class says; null: the text is no object with a key. */
export function breakAnswer(text: string, broken: BrokenClass): string | null {
  const value = readObject(text);
  const [first] = Object.entries(value ?? {});
  if (value === null || first === undefined) return null;
  switch (broken) {
    case 'fence':
      return '```json\n' + JSON.stringify(value, null, 2) + '\n```';
    case 'prose':
      return `Sure, here is what you asked for:\n\n${text}\n\nLet me know if {anything} else is needed.`;
    case 'trailing_comma':
      return text.replace(/\}\s*$/, ',}');
    case 'single_quotes':
      return pythonLiteral(value);
    case 'wrong_type':
      return JSON.stringify({ ...value, [first[0]]: ofAnotherType(first[1]) });
    case 'missing_key':
      return JSON.stringify(Object.fromEntries(Object.entries(value).slice(1)));
  }
}

function readObject(text: string): Record<string, unknown> | null {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    // Plain text: there is nothing to break.
    return null;
  }
}

/** As Python prints a dictionary. */
function pythonLiteral(value: unknown): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(', ')}]`;
  if (typeof value === 'object') {
    return `{${Object.entries(value).map(([key, inner]) => `${pythonLiteral(key)}: ${pythonLiteral(inner)}`).join(', ')}}`;
  }
  return JSON.stringify(value);
}

/** No reading of it gives the right type: not a number in quotes. */
function ofAnotherType(value: unknown): unknown {
  if (typeof value === 'string' || value === null) return { unexpected: [value] };
  return typeof value === 'object' ? 'not what was asked for' : ['not', 'what', 'was', 'asked'];
}
