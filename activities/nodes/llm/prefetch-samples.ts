import type { ModelAnswer } from '../../models/model-client.ts';
import { firstKey, requestOf } from './ask-model.ts';
import type { AskModel } from './asked-model.ts';
import { RecordRejected, callWithPatience } from './call-with-patience.ts';
import { countAnswer } from './count-answer.ts';

/**
 * Asks for all samples that the journal lacks in one call, where the server gives several answers
 * to one, and journals each of them. What a server leaves out is asked for one by one afterwards.
 */
export async function prefetchSamples(options: AskModel, count: number): Promise<Map<string, ModelAnswer>> {
  const { work, model, journal, flightSignal } = options;
  const prefetched = new Map<string, ModelAnswer>();
  const { samples } = await work.dependencies.gateway.capabilities(model);
  if (!samples) return prefetched;
  const keys = await Promise.all(Array.from({ length: count }, (_, sample) => firstKey({ ...options, sample })));
  const found = await Promise.all(keys.map(async (key) => journal.find(key)));
  const missing = keys.filter((_, index) => found[index] === null);
  const [key] = missing;
  if (key === undefined || missing.length === 1) return prefetched;
  const request = { ...(await requestOf(options)), samples: missing.length };
  await journal.prepare();
  try {
    const firstAttempts = work.run.firstAttempts(model.name);
    const { answer, milliseconds } = await callWithPatience({ work, model, request, key, journal, firstAttempts, flightSignal });
    const { alternatives = [], ...first } = answer;
    countAnswer({ work, model, answer, milliseconds });
    const usage = { promptTokens: 0, completionTokens: 0, cachedPromptTokens: 0 };
    const answers = [first, ...alternatives.map((alternative) => ({ answeredBy: first.answeredBy, usage, ...alternative }))].slice(0, missing.length);
    for (const [index, sample] of answers.entries()) {
      const sampleKey = missing[index] ?? key;
      await journal.answered(sampleKey, sample, index === 0 ? { ms: milliseconds } : undefined);
      prefetched.set(sampleKey, sample);
    }
  } catch (error) {
    // Asked one by one, a record that is at fault fails with its own message.
    if (!(error instanceof RecordRejected)) throw error;
  }
  return prefetched;
}
