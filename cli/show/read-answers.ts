import { parseJournalLine } from '../../activities/journal/journal-line.ts';
import type { ModelAnswer } from '../../activities/models/model-client.ts';
import { batchFolder, type BatchKey } from '../../activities/nodes/batch-data.ts';
import type { Store } from '../../activities/store/store.ts';

export interface KeptAnswer {
  answer: ModelAnswer;
  /** The earlier run that has paid for it; null: this one. */
  from: string | null;
  milliseconds: number | null;
}

/** Answers in the journal of one batch, by their keys: of several to one key the first counts. */
export async function readAnswers(store: Store, batch: BatchKey): Promise<Map<string, KeptAnswer>> {
  const answers = new Map<string, KeptAnswer>();
  for (const segment of (await store.list(batchFolder(batch, 'journal'))).filter((key) => key.endsWith('.jsonl')).sort()) {
    const content = (await store.read(segment))?.toString('utf8') ?? '';
    for (const text of content.slice(0, content.lastIndexOf('\n') + 1).split('\n')) {
      const line = parseJournalLine(text);
      if (line === null || !('answer' in line.entry) || answers.has(line.key)) continue;
      const { answer, from, ms } = line.entry;
      answers.set(line.key, { answer, from: from ?? null, milliseconds: ms ?? null });
    }
  }
  return answers;
}
