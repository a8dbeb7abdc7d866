import type { ModelAnswer } from '../models/model-client.ts';
import type { Store } from '../store/store.ts';
import { parseJournalLine } from './journal-line.ts';

/** What earlier attempts of a node activity have left behind. */
export interface EarlierAttempts {
  answers: Map<string, { answer: ModelAnswer; from: string | null; milliseconds: number | null }>;
  /** Failed attempts by key that counted, per epoch: mending the cause and going on gives a record a new chance. */
  attempts: Map<string, number>;
}


/**
 * Name of a segment within its batch's folder. The node leads, so that a retried activity reads
 * only what concerns it; the attempt orders segments: the first answer wins.
 */
export function segmentName(options: { node: number; sequence: number; attempt: string }): string {
  return `${options.node}-${String(options.sequence).padStart(4, '0')}-${options.attempt}.jsonl`;
}

export async function readSegments(scope: { store: Store; folder: string; node: number; epoch: number }): Promise<EarlierAttempts> {
  const { store, folder, node, epoch } = scope;
  const earlier: EarlierAttempts = { answers: new Map(), attempts: new Map() };
  const segments = (await store.list(folder)).filter((key) => key.slice(folder.length + 1).startsWith(`${node}-`)).sort();
  for (const segment of segments) {
    const content = (await store.read(segment))?.toString('utf8') ?? '';
    // Without its newline the last line may be torn even if it parses; it is dropped.
    for (const text of content.slice(0, content.lastIndexOf('\n') + 1).split('\n')) {
      const line = parseJournalLine(text);
      if (line === null) continue;
      if ('answer' in line.entry) {
        const { answer, from, ms } = line.entry;
        if (!earlier.answers.has(line.key)) earlier.answers.set(line.key, { answer, from: from ?? null, milliseconds: ms ?? null });
      } else if (line.entry.attempt.epoch === epoch) {
        earlier.attempts.set(line.key, (earlier.attempts.get(line.key) ?? 0) + 1);
      }
    }
  }
  return earlier;
}
