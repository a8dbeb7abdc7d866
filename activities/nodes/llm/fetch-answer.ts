import type { ModelAnswer, ModelRequest } from '../../models/model-client.ts';
import type { AskModel } from './asked-model.ts';
import { callWithPatience } from './call-with-patience.ts';
import { countAnswer, countReused } from './count-answer.ts';
import { ModelUnavailable } from './patience.ts';

export type Asker = Pick<AskModel, 'work' | 'model' | 'journal' | 'flightSignal' | 'prefetched' | 'patience'>;

export interface WantedAnswer {
  request: ModelRequest;
  /** In the journal. */
  key: string;
  /** An earlier run's answer that would only fail the record again is not worth having. */
  isUsable: (answer: ModelAnswer) => Promise<boolean>;
}

/**
 * From the journal, or asked and journaled.
 * @throws RecordRejected, and what `callWithPatience` throws
 */
export async function fetchAnswer(asker: Asker, { request, key, isUsable }: WantedAnswer): Promise<{ answer: ModelAnswer; attempts: number }> {
  const { work, model, journal, flightSignal, patience } = asker;
  const prefetched = asker.prefetched?.get(key);
  if (prefetched !== undefined) return { answer: prefetched, attempts: 0 };
  const looked = journal.find(key);
  const found = looked instanceof Promise ? await looked : looked;
  if (found !== null && (found.run === null || (await isUsable(found.answer)))) {
    if (found.run === null) countAnswer({ work, model, answer: found.answer, milliseconds: found.milliseconds, isReplayed: true });
    else {
      countReused({ work, model, answer: found.answer, run: found.run });
      // Copied, so that a later run needs to search this one only.
      await journal.answered(key, found.answer, { from: found.run });
    }
    return { answer: found.answer, attempts: 0 };
  }
  if (patience === 'none') throw new ModelUnavailable({ isOut: false, message: 'the journal has no answer of it' });
  const opening = journal.prepare();
  if (opening !== null) await opening;
  const firstAttempts = work.run.firstAttempts(model.name);
  const { answer, attempts, milliseconds } = await callWithPatience({ work, model, request, key, journal, firstAttempts, flightSignal, ...(patience === undefined ? {} : { patience }) });
  await journal.answered(key, answer, { ms: milliseconds });
  countAnswer({ work, model, answer, milliseconds });
  return { answer, attempts };
}
