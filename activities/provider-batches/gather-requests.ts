import type { LlmNodePlan, ModelPlan } from '../../pipeline/plan.ts';
import type { ProviderBatchInput } from '../../pipeline/run-contract.ts';
import { emptyStatistics } from '../../pipeline/run-statistics.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { createMeter } from '../metrics/call-meter.ts';
import { batchFolder, type BatchData } from '../nodes/batch-data.ts';
import { firstKey, requestOf } from '../nodes/llm/ask-model.ts';
import type { AskModel } from '../nodes/llm/asked-model.ts';
import type { Asking } from '../nodes/llm/asking.ts';
import { openCallJournal, type CallJournal } from '../nodes/llm/call-journal.ts';
import { prepareAskings } from '../nodes/llm/prepare-askings.ts';
import type { NodeWork } from '../nodes/node-work.ts';
import { waitingRecords, type WaitingRecord } from '../run/parked-walks.ts';
import type { RunContext } from '../run/run-context.ts';
import { BATCH_ENDPOINT, type BatchApi } from './batch-api.ts';
import type { BatchFile } from './batch-ledger.ts';
import { createRequestWriter } from './request-writer.ts';
import { formatRequestId } from './request-id.ts';

export interface ProviderBatchWork {
  dependencies: ActivityDependencies;
  run: RunContext;
  data: BatchData;
  input: ProviderBatchInput;
  node: LlmNodePlan;
  model: ModelPlan;
  api: BatchApi;
  /** Of the ledger and the requests. */
  folder: string;
  signal: AbortSignal;
  assertHeld: () => void;
}

/** Writes down what the waiting records ask, as far as the journal has no answer yet. Holds the records of one batch at a time. */
export async function gatherRequests(batches: ProviderBatchWork): Promise<BatchFile[]> {
  const { dependencies: { store }, run, data, input, folder, signal } = batches;
  const writer = createRequestWriter({ store, folder, firstNumber: 0, round: 0 });
  let waiting: WaitingRecord[] = [];
  const flush = async (): Promise<void> => {
    signal.throwIfAborted();
    for await (const line of requestsOf(batches, waiting)) await writer.write(line);
    waiting = [];
  };
  try {
    for await (const record of waitingRecords({ store, run, data, span: input, phase: input.phase, node: input.node })) {
      const [first] = waiting;
      if (first !== undefined && (first.range !== record.range || first.batch !== record.batch)) await flush();
      // What cannot be read fails when the records go on.
      if (record.source.unreadable === null) waiting.push(record);
    }
    await flush();
    return await writer.finish();
  } catch (error) {
    writer.destroy();
    throw error;
  }
}

/** Of records of one batch. */
async function* requestsOf(batches: ProviderBatchWork, records: WaitingRecord[]): AsyncGenerator<string> {
  const [first] = records;
  if (first === undefined) return;
  const work = workOf(batches, { range: first.range, batch: first.batch, records });
  const journal = await openCallJournal(work);
  try {
    for (const asking of await prepareAskings(batches.node, work)) {
      if (asking.messages === null) continue;
      yield* linesOf(batches, { work, journal, asking });
    }
  } finally {
    await journal.close();
  }
}

async function* linesOf({ node, model, api, signal }: ProviderBatchWork, { work, journal, asking }: { work: NodeWork; journal: CallJournal; asking: Asking }): AsyncGenerator<string> {
  const ask: AskModel = { work, model, asked: node, policies: node, journal, record: asking.record, request: { messages: asking.messages ?? [], parameters: node.parameters }, flightSignal: signal };
  for (let sample = 0; sample < node.samples.count; sample += 1) {
    const key = await firstKey({ ...ask, sample });
    if ((await journal.find(key)) !== null) continue;
    const body = api.bodyOf(await requestOf(ask));
    yield `${JSON.stringify({ custom_id: formatRequestId({ ...work.batch, key }), method: 'POST', url: BATCH_ENDPOINT, body })}\n`;
  }
}

function workOf({ dependencies, run, input, node, signal, assertHeld }: ProviderBatchWork, { range, batch, records }: { range: number; batch: number; records: WaitingRecord[] }): NodeWork {
  return {
    dependencies, run, index: input.node, name: node.name, records, signal, assertHeld, statistics: emptyStatistics(), meter: createMeter(dependencies.gateway),
    batch: { range, batch }, journalFolder: batchFolder({ folder: run.folder, range, batch }, 'journal'), attempt: 'gather', sequence: 0, phase: input.phase, epoch: input.epoch ?? 0,
  };
}
