import type { ModelAnswer } from '../models/model-client.ts';
import { KEY_LENGTH } from './call-key.ts';

/** What a line of the journal says about the call whose key it begins with. */
export type JournalEntry =
  /** The call was answered, after so many milliseconds; `from` names the earlier run that has paid for it. */
  | { answer: ModelAnswer; from?: string; ms?: number }
  /** The call failed in a way that counts against the record; never an answer to a lookup. */
  | { attempt: { reason: string; message: string; epoch: number } };

export interface JournalLine {
  key: string;
  entry: JournalEntry;
}

/** One line: the key, a blank, JSON. The key stands first so that an index is made without parsing. */
export function formatJournalLine(line: JournalLine): string {
  return `${line.key} ${JSON.stringify(line.entry)}\n`;
}

/** null for a line that was torn by a crash: what is not whole was never finished. */
export function parseJournalLine(text: string): JournalLine | null {
  if (text.length <= KEY_LENGTH + 1 || text.charAt(KEY_LENGTH) !== ' ') return null;
  try {
    return { key: text.slice(0, KEY_LENGTH), entry: JSON.parse(text.slice(KEY_LENGTH + 1)) as JournalEntry };
  } catch {
    return null;
  }
}
