import { SyngraphError } from '../../pipeline/errors.ts';
import type { ProviderBatchInput, ProviderBatchProgress } from '../../pipeline/run-contract.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { ModelCallError } from '../models/model-call-error.ts';
import type { BatchData } from '../nodes/batch-data.ts';
import { ModelDown } from '../nodes/llm/call-with-patience.ts';
import { PauseRun } from '../nodes/pause-run.ts';
import type { RunContext } from '../run/run-context.ts';
import { batchesFolder, markOf, readLedger, requestsKey, writeLedger, type BatchFile, type BatchLedger } from './batch-ledger.ts';
import { collectBatch } from './collect-batch.ts';
import { gatherRequests, type ProviderBatchWork } from './gather-requests.ts';
import type { ProviderBatch } from './batch-api.ts';

export interface AdvanceBatches {
  dependencies: ActivityDependencies;
  run: RunContext;
  data: BatchData;
  input: ProviderBatchInput;
  signal: AbortSignal;
  assertHeld: () => void;
}

const MARK_KEY = 'syngraph';
const ENDED = new Set(['completed', 'expired', 'cancelled']);
/** The account has as much in its queue as it may: others must end first. */
const QUEUE_FULL = 'token_limit_exceeded';
const SHORTEST_POLL_MILLISECONDS = 15_000;
const LONGEST_POLL_MILLISECONDS = 300_000;

/**
 * Does what can be done now for the records that wait at a node for their provider's batch API: gathers their requests,
 * submits them, looks at what is under way, collects what has ended. Whatever dies in between, the next one goes on
 * from the ledger; a batch that may have been made is looked for before another one is.
 * @throws PauseRun, ModelDown, or the reason of the signal
 */
export async function advanceBatches(options: AdvanceBatches): Promise<ProviderBatchProgress> {
  const { dependencies: { gateway }, run, input } = options;
  const node = run.plan.nodes[input.node];
  const model = node?.kind === 'llm' ? run.plan.models[node.model] : undefined;
  if (node?.kind !== 'llm' || model === undefined) throw new SyngraphError({ code: 'STORE_INVALID', message: `node ${input.node} of the plan asks no model` });
  gateway.refresh();
  // The simulation answers at once.
  if (run.description.simulatedModels.includes(model.name)) return { again: null, open: 0 };
  try {
    const folder = batchesFolder(run.folder, { node: node.name, phase: input.phase });
    return await advance({ ...options, node, model, folder, api: await gateway.batches(model) });
  } catch (error) {
    if (!(error instanceof ModelCallError)) throw error;
    if (error.kind === 'passing') throw new ModelDown(error.message);
    throw refused(node.name, error.message);
  }
}

async function advance(work: ProviderBatchWork): Promise<ProviderBatchProgress> {
  const { dependencies: { store }, folder, model } = work;
  const ledger = (await readLedger(store, folder)) ?? (await begin(work));
  const save = async (): Promise<void> => {
    work.assertHeld();
    await writeLedger(store, folder, ledger);
  };
  for (let index = 0; index < ledger.files.length; index += 1) {
    const file = ledger.files[index];
    if (file === undefined || file.isCollected) continue;
    if (file.batch === null) await submit(work, { file, save });
    else await look(work, { file, batch: file.batch, ledger, save });
  }
  const open = ledger.files.filter((file) => !file.isCollected);
  if (open.length === 0) return { again: null, open: 0 };
  const age = Date.now() - Math.min(...open.map(({ submittedAt }) => submittedAt));
  const grown = Math.min(LONGEST_POLL_MILLISECONDS, Math.max(SHORTEST_POLL_MILLISECONDS, age / 10));
  return { again: model.batch?.pollSeconds == null ? grown : model.batch.pollSeconds * 1000, open: open.reduce((sum, { requests }) => sum + requests, 0) };
}

async function begin(work: ProviderBatchWork): Promise<BatchLedger> {
  const ledger = { files: await gatherRequests(work) };
  work.assertHeld();
  await writeLedger(work.dependencies.store, work.folder, ledger);
  return ledger;
}

interface Step {
  file: BatchFile;
  save: () => Promise<void>;
}

async function submit(work: ProviderBatchWork, { file, save }: Step): Promise<void> {
  const { dependencies: { store }, run, folder, api, signal, input, node } = work;
  const hold = run.steering.hold(input.epoch ?? 0);
  hold.throwIfAborted();
  const stored = await store.read(requestsKey(folder, file.name));
  if (stored === null) throw new SyngraphError({ code: 'STORE_INVALID', message: `the store ${store.location} lacks ${requestsKey(folder, file.name)}` });
  const content = new Uint8Array(stored);
  const mark = markOf({ folder, createdAt: run.description.createdAt, file, content });
  let batch: ProviderBatch | null = file.isSubmitting ? await api.find({ key: MARK_KEY, value: mark }, signal) : null;
  if (batch === null) {
    file.isSubmitting = true;
    await save();
    const inputFile = await api.upload({ name: `${mark}.jsonl`, content }, signal);
    work.assertHeld();
    const { pipeline, run: name } = run.description.reference;
    batch = await api.create({ inputFile, metadata: { [MARK_KEY]: mark, run: `${pipeline}/${name}`.slice(0, 500), node: node.name.slice(0, 500) } }, signal);
  }
  file.batch = batch.id;
  file.submittedAt = Date.now();
  await save();
}

async function look(work: ProviderBatchWork, { file, batch: id, ledger, save }: Step & { batch: string; ledger: BatchLedger }): Promise<void> {
  const batch = await work.api.read(id, work.signal);
  if (batch.status === 'failed') {
    file.batch = null;
    file.isSubmitting = false;
    file.attempt += 1;
    await save();
    if (batch.fault?.code === QUEUE_FULL) return;
    throw refused(work.node.name, `the provider refuses the batch ${id}: ${batch.fault?.message ?? 'it does not say why'}`);
  }
  if (!ENDED.has(batch.status)) return;
  const more = await collectBatch(work, { file, batch, nextNumber: ledger.files.length });
  ledger.files.push(...more);
  file.isCollected = true;
  await save();
}

function refused(node: string, message: string): PauseRun {
  return new PauseRun({ code: 'MODEL_MISCONFIGURED', message, nextStep: 'Mend it, or write mode: single for the model in a new run; nothing has failed, and no answer is paid twice.', node });
}
