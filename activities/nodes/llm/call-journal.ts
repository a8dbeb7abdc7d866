import type { EarlierAnswers } from '../../journal/earlier-answers.ts';
import { formatJournalLine } from '../../journal/journal-line.ts';
import { readSegments, segmentName, type EarlierAttempts } from '../../journal/read-segments.ts';
import type { ModelAnswer } from '../../models/model-client.ts';
import type { AppendFile } from '../../store/store.ts';
import type { NodeWork } from '../node-work.ts';

/** The journal as one attempt of a node activity sees it: what others have left, and a segment of its own. */
export interface CallJournal {
  /** An answer that has been paid for already; `run` names the earlier run it came from, null for this run, which may know how long it took. */
  find(key: string): Promise<{ answer: ModelAnswer; run: string | null; milliseconds: number | null } | null>;
  /** Failed attempts of this record that counted so far, over all attempts of the activity. */
  attempts(key: string): number;
  /** Answers cannot be kept right now: no call should be made until `settled` resolves. It rejects where they never will be. */
  readonly isStalled: boolean;
  settled(): Promise<void>;
  /** To be called before a call is made: its answer must not wait for a file to be opened. */
  prepare(): Promise<void>;
  /** Resolves once the answer survives the death of this process. */
  answered(key: string, answer: ModelAnswer, origin?: { from: string } | { ms: number }): Promise<void>;
  failed(key: string, attempt: { reason: string; message: string }): Promise<void>;
  close(): Promise<void>;
}

export async function openCallJournal(work: NodeWork): Promise<CallJournal> {
  const { store } = work.dependencies;
  const earlier: EarlierAttempts = await readSegments({
    store,
    folder: work.journalFolder,
    node: work.index,
    epoch: work.epoch,
  });
  const earlierRuns: EarlierAnswers | null = await work.run.earlier();
  const name = segmentName({ node: work.index, sequence: work.sequence, attempt: work.attempt });
  // Opened when first needed: an activity that finds all its answers leaves no empty file.
  let opening: Promise<AppendFile> | null = null;
  let segment: AppendFile | null = null;

  async function open(): Promise<AppendFile> {
    opening ??= store.openAppend(`${work.journalFolder}/${name}`);
    segment = await opening;
    return segment;
  }

  async function append(text: string): Promise<void> {
    await (segment ?? (await open())).append(text);
  }

  return {
    get isStalled() {
      return segment?.isStalled === true;
    },
    async settled() {
      await segment?.settled();
    },
    async find(key) {
      const own = earlier.answers.get(key);
      if (own !== undefined) return { answer: own.answer, run: own.from, milliseconds: own.milliseconds };
      const found = earlierRuns === null ? null : await earlierRuns.find(key);
      return found === null ? null : { ...found, milliseconds: null };
    },
    async prepare() {
      if (segment === null) await open();
    },
    attempts: (key) => earlier.attempts.get(key) ?? 0,
    async answered(key, answer, origin) {
      await append(formatJournalLine({ key, entry: { answer, ...origin } }));
    },
    async failed(key, attempt) {
      earlier.attempts.set(key, (earlier.attempts.get(key) ?? 0) + 1);
      await append(formatJournalLine({ key, entry: { attempt: { ...attempt, epoch: work.epoch } } }));
    },
    async close() {
      if (opening !== null) await (await opening).close();
    },
  };
}
