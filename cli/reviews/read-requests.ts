import { SyngraphError } from '../../pipeline/errors.ts';
import type { JsonObject, JsonValue } from '../../pipeline/json.ts';

export interface ReviewOptions {
  list?: boolean;
  limit?: number;
  node?: string;
  approve?: string[];
  reject?: string[];
  /** An id, then `key=json` words. */
  edit?: string[];
  comment?: string;
  reviewer?: string;
}

/** What is to be decided on one record, or on all that wait. */
export interface ReviewRequest {
  decision: 'approve' | 'reject' | 'edit';
  id: string;
  edit: JsonObject | null;
}

/** Means every record that waits and that is not named otherwise. */
export const ALL = 'all';

/** Named records first, so that `all` means the others. @throws SyngraphError USAGE */
export function readRequests({ approve = [], reject = [], edit = [] }: ReviewOptions): ReviewRequest[] {
  const requests = [
    ...approve.map((id): ReviewRequest => ({ decision: 'approve', id, edit: null })),
    ...reject.map((id): ReviewRequest => ({ decision: 'reject', id, edit: null })),
    ...(edit.length === 0 ? [] : [editRequest(edit)]),
  ];
  const twice = requests.find(({ id }, index) => requests.findIndex((other) => other.id === id) < index);
  if (twice !== undefined) throw usage(`${JSON.stringify(twice.id)} is decided on twice`, 'Name each record once; all may be approved or rejected, not both.');
  return requests.sort((left, right) => Number(left.id === ALL) - Number(right.id === ALL));
}

function editRequest([id = '', ...words]: string[]): ReviewRequest {
  if (id === ALL || id.includes('=')) throw usage('--edit names no record', EDIT_HINT);
  if (words.length === 0) throw usage('--edit names nothing to change', EDIT_HINT);
  const edit: JsonObject = {};
  for (const word of words) {
    const equals = word.indexOf('=');
    if (equals < 1) throw usage(`${JSON.stringify(word)} is no key=value`, EDIT_HINT);
    edit[word.slice(0, equals)] = readValue(word.slice(equals + 1));
  }
  return { decision: 'edit', id, edit };
}

const EDIT_HINT = `Write it such as --edit 17 answer='"new text"' score=4; a value that is no JSON is taken as text.`;

function readValue(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}

function usage(message: string, nextStep: string): SyngraphError {
  return new SyngraphError({ code: 'USAGE', message, nextStep });
}
