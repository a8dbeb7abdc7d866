import { isJsonObject, type JsonObject } from '../../pipeline/json.ts';
import { formatJournalLine } from '../journal/journal-line.ts';
import { segmentName } from '../journal/read-segments.ts';
import { createMeter } from '../metrics/call-meter.ts';
import { ModelCallError } from '../models/model-call-error.ts';
import type { ModelAnswer } from '../models/model-client.ts';
import { withoutSpecialTokens } from '../models/special-tokens.ts';
import { batchFolder } from '../nodes/batch-data.ts';
import { notePaid } from '../nodes/llm/note-paid.ts';
import type { ProviderBatch } from './batch-api.ts';
import { requestsKey, type BatchFile } from './batch-ledger.ts';
import type { ProviderBatchWork } from './gather-requests.ts';
import { createRequestWriter } from './request-writer.ts';
import { parseRequestId } from './request-id.ts';

/** Share of a file that must have come back unanswered for another batch of it; fewer are asked by single calls. */
const SHARE_FOR_ANOTHER_BATCH = 0.1;
const MOST_ROUNDS = 3;
const PASSING_STATUSES = new Set([408, 409, 425, 429]);

/**
 * Puts the answers of a batch that has ended into the journal, where their records find them. What is left unanswered
 * goes into files of another round, or is asked by single calls.
 * @returns files of another round, with numbers from `nextNumber` on
 */
export async function collectBatch(work: ProviderBatchWork, { file, batch, nextNumber }: { file: BatchFile; batch: ProviderBatch; nextNumber: number }): Promise<BatchFile[]> {
  const { dependencies, run, input, folder, assertHeld, api, signal } = work;
  const { store } = dependencies;
  const results = batch.outputFile === null ? '' : await api.content(batch.outputFile, signal);
  const settled = new Set<string>();
  const segments = new Map<string, string[]>();
  const meter = createMeter(dependencies.gateway);
  for (const text of lines(results)) {
    const result = parseObject(text);
    const id = parseRequestId(result?.['custom_id']);
    if (result === null || id === null) continue;
    const answer = answerOf(work, result['response']);
    if (answer === 'rejected') settled.add(id.key);
    if (typeof answer === 'string' || settled.has(id.key)) continue;
    settled.add(id.key);
    notePaid({ run, dependencies }, work.model, answer.usage, true);
    const { promptTokens, completionTokens } = answer.usage;
    run.live.add(work.node.name, { calls: 1, promptTokens, completionTokens, cost: meter.answered(work.model, answer, null) });
    const place = batchFolder({ folder: run.folder, range: id.range, batch: id.batch }, 'journal');
    const segment = segments.get(place) ?? [];
    segments.set(place, segment);
    segment.push(formatJournalLine({ key: id.key, entry: { answer } }));
  }
  const name = segmentName({ node: input.node, sequence: input.phase, attempt: `provider-${file.name}` });
  for (const [place, entries] of segments) {
    assertHeld();
    // Whole, and under the same name each time: collected again it is the same.
    await store.write(`${place}/${name}`, entries.join(''));
  }
  if (file.round + 1 >= MOST_ROUNDS || file.requests - settled.size <= SHARE_FOR_ANOTHER_BATCH * file.requests) return [];
  const requests = (await store.read(requestsKey(folder, file.name)))?.toString('utf8') ?? '';
  const writer = createRequestWriter({ store, folder, firstNumber: nextNumber, round: file.round + 1 });
  try {
    for (const line of lines(requests)) {
      const id = parseRequestId(parseObject(line)?.['custom_id']);
      if (id !== null && !settled.has(id.key)) await writer.write(`${line}\n`);
    }
    return await writer.finish();
  } catch (error) {
    writer.destroy();
    throw error;
  }
}

/** `rejected`: asking again would bring the same; the record is told so by a call of its own, which costs nothing. */
function answerOf({ api, model }: ProviderBatchWork, response: unknown): ModelAnswer | 'rejected' | 'unanswered' {
  const { status_code: status, body } = (response ?? {}) as { status_code?: unknown; body?: unknown };
  if (typeof status !== 'number') return 'unanswered';
  if (status !== 200) return status >= 400 && status < 500 && !PASSING_STATUSES.has(status) ? 'rejected' : 'unanswered';
  try {
    return { ...withoutSpecialTokens(model, api.answerOf(body)), isBatch: true };
  } catch (error) {
    if (error instanceof ModelCallError) return 'unanswered';
    throw error;
  }
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

function parseObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
