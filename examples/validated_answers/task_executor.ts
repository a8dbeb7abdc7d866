/** What a pupil's question has gathered on its way through the graph. */
interface State {
  status?: string;
  answer?: unknown;
  certainty?: unknown;
  check_with?: unknown;
  attempt?: number;
  problems?: string;
}

interface Limits {
  fewest_words: number;
  least_certainty: number;
  most_attempts: number;
}

/** Filter of the source: true for rows that stay. */
export function isReady(row: State): boolean {
  return row.status !== 'draft';
}

/** The prompt of `answer` names these keys, so they must exist before its first visit. */
export function begin(): State {
  return { attempt: 0, problems: '' };
}

/** Counts the attempt and says what is wrong with it, in words that the next prompt shows the model. */
export class Validate {
  apply(limits: Limits, state: State): State {
    const found = findProblems(limits, state);
    const attempt = (state.attempt ?? 0) + 1;
    if (found.length === 0) return { attempt, problems: '' };
    if (attempt >= limits.most_attempts) return { attempt, problems: `Given up after ${attempt} attempts: ${found.join('; ')}` };
    return { attempt, problems: `Attempt ${attempt} was rejected: ${found.join('; ')}. Mend this.` };
  }
}

function findProblems(limits: Limits, { answer, certainty, check_with: checkWith }: State): string[] {
  const problems: string[] = [];
  const words = typeof answer === 'string' ? answer.trim().split(/\s+/).length : 0;
  if (words < limits.fewest_words) problems.push(`the answer has ${words} words, at least ${limits.fewest_words} are needed`);
  if (!Number.isInteger(certainty)) problems.push('certainty must be a whole number from 1 to 5');
  else if ((certainty as number) < limits.least_certainty) problems.push('you were not certain; answer a part of the question that you are sure of');
  const isTextList = Array.isArray(checkWith) && checkWith.length > 0 && checkWith.every((entry) => typeof entry === 'string');
  if (!isTextList) problems.push('check_with must be a list of at least one text');
  return problems;
}

/** Where a record goes after `validate`. */
export class IsValid {
  apply(state: State): 'valid' | 'ask_again' | 'give_up' {
    if (state.problems === '') return 'valid';
    return state.problems?.startsWith('Given up') === true ? 'give_up' : 'ask_again';
  }
}

/** Transforms of the output map: each gets the value and the whole state. */
export class AnswerOutput {
  oneLine(value: string): string {
    return value.replace(/\s+/g, ' ').trim();
  }
}
