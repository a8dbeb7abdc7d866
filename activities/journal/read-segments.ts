import type { ModelAnswer } from '../models/model-client.ts';
import { readAhead } from '../store/read-ahead.ts';
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

/** Segments that are read at a time. */
const SEGMENTS_AHEAD = 8;

/** Times that the folder is read again because an attempt was just closing its segment. */
const READS = 5;

/** Contents of the keys in a folder that begin so, in the order of their names. */
async function readTexts(store: Store, { folder, prefix }: { folder: string; prefix: string }): Promise<string[]> {
  for (let reads = 1; ; reads += 1) {
    const keys = (await store.list(folder)).filter((key) => key.slice(folder.length + 1).startsWith(prefix)).sort();
    const texts: string[] = [];
    for await (const { result } of readAhead(keys, { ahead: SEGMENTS_AHEAD, read: (key) => store.read(key) })) {
      if (result !== null) texts.push(result.toString('utf8'));
    }
    // In a bucket the pieces of a segment give way to the whole, which is there before they go.
    if (texts.length === keys.length || reads === READS) return texts;
  }
}

export async function readSegments(scope: { store: Store; folder: string; node: number; epoch: number }): Promise<EarlierAttempts> {
  const { store, folder, node, epoch } = scope;
  const earlier: EarlierAttempts = { answers: new Map(), attempts: new Map() };
  for (const content of await readTexts(store, { folder, prefix: `${node}-` })) {
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
