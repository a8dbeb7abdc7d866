import { SOURCE_SCHEME } from './source-scheme.ts';
import type { UserFailure } from './thread-protocol.ts';

const MESSAGE_CHARACTERS = 8_000;
const STACK_CHARACTERS = 8_000;
const ISSUES_SHOWN = 10;
const USER_POSITION = new RegExp(`${SOURCE_SCHEME}(?!node_modules/)([^\\s()]+:\\d+:\\d+)`);

/** What user code threw, which may be anything, with the position in the user's own file. Runs in function threads. */
export function describeUserFailure(thrown: unknown): UserFailure {
  try {
    if (!(thrown instanceof Error)) return { message: clip(`threw ${describeThrown(thrown)}`, MESSAGE_CHARACTERS) };
    const stack = String(thrown.stack);
    const position = USER_POSITION.exec(stack)?.[1];
    const message = `${describeError(thrown)}${position === undefined ? '' : ` (${position})`}`;
    return { message: clip(message, MESSAGE_CHARACTERS), stack: clip(shownStack(stack), STACK_CHARACTERS) };
  } catch {
    // A getter or toString() of the thrown value threw in its turn.
    return { message: 'threw a value that cannot be described' };
  }
}

/** zod's issues, one after the other, each with the path of the value that it is about. */
export function describeIssues(issues: readonly { path: readonly PropertyKey[]; message: string }[]): string {
  const shown = issues.slice(0, ISSUES_SHOWN).map(({ path, message }) => {
    return path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`;
  });
  const more = issues.length - shown.length;
  return `${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

function describeError(error: Error): string {
  const issues = (error as { issues?: unknown }).issues;
  if (Array.isArray(issues)) return describeIssues(issues as Parameters<typeof describeIssues>[0]);
  const message = String(error.message) || 'an error without a message';
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${error.name === 'Error' ? '' : `${error.name}: `}${message}${cause}`;
}

function describeThrown(thrown: unknown): string {
  if (typeof thrown === 'object' && thrown !== null) return JSON.stringify(thrown);
  return typeof thrown === 'string' ? JSON.stringify(thrown) : String(thrown);
}

/** Frames of ours and of Node say nothing to the author of the function. */
function shownStack(stack: string): string {
  const lines = stack.split('\n').filter((line) => !line.startsWith('    at ') || line.includes(SOURCE_SCHEME));
  return lines.join('\n').replaceAll(SOURCE_SCHEME, '');
}

function clip(text: string, characters: number): string {
  return text.length <= characters
    ? text
    : `${text.slice(0, characters)}… (${text.length - characters} characters more)`;
}
