import type { EarlierAnswers } from '../../journal/earlier-answers.ts';
import { formatJournalLine } from '../../journal/journal-line.ts';
import { readSegments, segmentName, type EarlierAttempts } from '../../journal/read-segments.ts';
import type { ModelAnswer } from '../../models/model-client.ts';
import type { AppendFile } from '../../store/store.ts';
import type { NodeWork } from '../node-work.ts';

export interface FoundAnswer {
  answer: ModelAnswer;
  /** The earlier run that it came from; null for this one. */
  run: string | null;
  /** How long it took, where this run knows. */
  milliseconds: number | null;
}

/** The journal as one attempt of a node activity sees it: what others have left, and a segment of its own. */
export interface CallJournal {
  /** An answer that has been paid for already. At once where there is no earlier run to look into: it is asked for each record. */
  find(key: string): FoundAnswer | null | Promise<FoundAnswer | null>;
  /** Failed attempts of this record that counted so far, over all attempts of the activity. */
  attempts(key: string): number;
  /** Answers cannot be kept right now: no call should be made until `settled` resolves. It rejects where they never will be. */
  readonly isStalled: boolean;
  settled(): Promise<void>;
  /** To be called before a call is made: its answer must not wait for a file to be opened. null: it is open. */
  prepare(): Promise<unknown> | null;
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

  function open(): Promise<AppendFile> {
    opening ??= store.openAppend(`${work.journalFolder}/${name}`).then((opened) => (segment = opened));
    return opening;
  }

  function append(text: string): Promise<void> {
    return segment === null ? open().then((opened) => opened.append(text)) : segment.append(text);
  }

  async function findEarlier(runs: EarlierAnswers, key: string): Promise<FoundAnswer | null> {
    const found = await runs.find(key);
    return found === null ? null : { ...found, milliseconds: null };
  }

  return {
    get isStalled() {
      return segment?.isStalled === true;
    },
    async settled() {
      await segment?.settled();
    },
    find(key) {
      const own = earlier.answers.get(key);
      if (own !== undefined) return { answer: own.answer, run: own.from, milliseconds: own.milliseconds };
      return earlierRuns === null ? null : findEarlier(earlierRuns, key);
    },
    prepare: () => (segment === null ? open() : null),
    attempts: (key) => earlier.attempts.get(key) ?? 0,
    answered: (key, answer, origin) => append(formatJournalLine({ key, entry: { answer, ...origin } })),
    failed(key, attempt) {
      earlier.attempts.set(key, (earlier.attempts.get(key) ?? 0) + 1);
      return append(formatJournalLine({ key, entry: { attempt: { ...attempt, epoch: work.epoch } } }));
    },
    async close() {
      if (opening !== null) await (await opening).close();
    },
  };
}
