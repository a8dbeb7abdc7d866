import { runFolder } from '../run/run-files.ts';
import type { RunReference } from '../../pipeline/run-contract.ts';
import { readAhead } from '../store/read-ahead.ts';
import type { Store } from '../store/store.ts';
import { KEY_LENGTH } from './call-key.ts';
import { createIndexWriter, type IndexShard } from './journal-index.ts';

/** `journal.json` of a run: its segments by number, and the shards of its index. */
export interface RunJournal {
  /** ISO 8601; later runs are asked first. */
  createdAt: string;
  seed: number;
  /** The run is over; otherwise the index shows how far it was and is made again when asked for. */
  complete: boolean;
  segments: string[];
  shards: IndexShard[];
}

/** Segments that are read before their turn. */
const SEGMENTS_AHEAD = 8;

const NEWLINE = 0x0a;
const ANSWER_MARK = Buffer.from(' {"answer"');

/**
 * Indexes the answers in a run's journal for later runs. Reads keys and positions only; the
 * segments stay where they are. Of a key that was answered twice the first answer counts.
 */
export async function indexRun(options: {
  store: Store;
  run: Pick<RunReference, 'pipeline' | 'run'>;
  seed: number;
  complete: boolean;
}): Promise<RunJournal> {
  const { store, run, seed, complete } = options;
  const folder = `${runFolder(run)}/journal`;
  const writer = createIndexWriter(store, `${folder}/answers`);
  const segments: string[] = [];
  for await (const { key: segment, result: content } of readAhead(segmentKeys(store, folder), { ahead: SEGMENTS_AHEAD, read: (key) => store.read(key) })) {
    if (content === null) continue;
    const number = segments.push(segment) - 1;
    for (const line of answerLines(content)) {
      const writing = writer.add(line.key, { segment: number, offset: line.offset, length: line.length });
      if (writing !== null) await writing;
    }
  }
  const journal: RunJournal = { createdAt: new Date().toISOString(), seed, complete, segments, shards: await writer.finish() };
  await store.write(`${runFolder(run)}/journal.json`, JSON.stringify(journal));
  return journal;
}

async function* segmentKeys(store: Store, folder: string): AsyncGenerator<string> {
  for (const range of (await store.list(folder)).filter((key) => key.endsWith('/')).sort()) {
    for (const batch of (await store.list(range)).filter((key) => key.endsWith('/')).sort()) {
      yield* (await store.list(batch)).filter((key) => key.endsWith('.jsonl')).sort();
    }
  }
}

function* answerLines(content: Buffer): Generator<{ key: string; offset: number; length: number }> {
  let offset = 0;
  for (let end = content.indexOf(NEWLINE); end !== -1; end = content.indexOf(NEWLINE, offset)) {
    const body = offset + KEY_LENGTH;
    if (content.subarray(body, body + ANSWER_MARK.length).equals(ANSWER_MARK)) {
      yield { key: content.toString('latin1', offset, body), offset, length: end - offset };
    }
    offset = end + 1;
  }
}
