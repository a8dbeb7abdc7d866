import { SyngraphError } from '../../../pipeline/errors.ts';
import type { Plan } from '../../../pipeline/plan.ts';
import type { PipelineInput, RetryRequest, RunReference, RunSummary } from '../../../pipeline/run-contract.ts';
import { retryOfRunId, retryRunId } from '../../../pipeline/retry-contract.ts';
import type { ActivityDependencies } from '../../dependencies.ts';
import { loadPlan } from '../../planning/load-plan.ts';
import { readJson } from '../../store/read-json.ts';
import type { Store } from '../../store/store.ts';
import { runFolder, type RunDescription } from '../run-files.ts';
import { assertRetriesKept } from './assert-retries-kept.ts';
import { retriesOf } from './retries-of-run.ts';
import { assertEnterable, entryOf, entryTarget } from './retry-entry.ts';
import { selectedRecords } from './selected-records.ts';
import { assertRecordsStandAlone } from './stands-alone.ts';

export interface DescribeRetry {
  dependencies: ActivityDependencies;
  input: PipelineInput;
  request: RetryRequest;
  plan: Plan;
  reference: RunReference;
  workflowId: string;
}

/**
 * What `run.json` says of a retry: as its run says it, but for what was asked for anew.
 * @throws SyngraphError USAGE, RUN_NOT_FOUND, RUN_EXISTS where it cannot be
 */
export async function describeRetry({ dependencies, input, request, plan, reference, workflowId }: DescribeRetry): Promise<RunDescription> {
  const { store, gateway } = dependencies;
  const { pipeline } = reference;
  const number = numberOf(reference, request);
  const original = await endedRun(store, { pipeline, run: request.run });
  await assertRetriesEnded(store, original.reference, number);
  assertRecordsStandAlone(plan, original);
  // A mended pipeline may split no record, but the rows of those that were split share their place with what has failed.
  if (original.reference.planHash !== reference.planHash) assertRecordsStandAlone(await loadPlan(store, original.reference.planHash), original);
  const from = request.from ?? 'start';
  if (from === 'node') assertEnterable(plan);
  const entries = new Set<string>();
  let records = 0;
  for await (const failed of selectedRecords(store, { pipeline, request, number })) {
    records += 1;
    if (from === 'node') entries.add(entryOf(failed.node));
  }
  for (const entry of entries) entryTarget(plan, entry);
  if (records === 0) throw nothingToRetry(original.reference);
  const { oasst: _, workflowType: _type, ...kept } = original;
  return {
    ...kept,
    reference,
    workflowId,
    createdAt: new Date().toISOString(),
    numRecords: records,
    startIndex: 0,
    concurrency: input.concurrency ?? original.concurrency,
    batchSize: input.batchSize ?? null,
    fresh: input.fresh ?? false,
    // All of them have failed before: that they do so again is no reason to stop.
    failureShare: input.failureShare ?? 1,
    recordWorkflows: input.recordWorkflows ?? original.recordWorkflows,
    source: null,
    outputs: [],
    hubSinks: [],
    retry: { ...request, pipeline, from, records },
    simulatedModels: input.simulatedModels ?? Object.values(plan.models).filter((model) => gateway.isSimulated(model)).map((model) => model.name),
  };
}

function numberOf(reference: RunReference, request: RetryRequest): number {
  const retry = retryOfRunId(reference.run);
  if (retry?.run === request.run && retry.number > 0) return retry.number;
  throw new SyngraphError({
    code: 'USAGE',
    message: `a retry of the run ${request.run} cannot be called ${reference.run}`,
    nextStep: `End its workflow id in ${retryRunId(request.run, 1)}, or a higher number.`,
  });
}

/**
 * The run whose failed records are meant.
 * @throws SyngraphError RUN_NOT_FOUND, USAGE where the run has not ended or is itself a retry
 */
export async function endedRun(store: Store, run: Pick<RunReference, 'pipeline' | 'run'>): Promise<RunDescription> {
  const name = `${run.pipeline}/${run.run}`;
  const description = await readJson<RunDescription>(store, `${runFolder(run)}/run.json`);
  if (description === null) throw new SyngraphError({ code: 'RUN_NOT_FOUND', message: `the store ${store.location} has no run ${name}`, nextStep: 'syngraph list shows the runs.' });
  if (description.retry !== undefined) throw new SyngraphError({ code: 'USAGE', message: `${name} is a retry itself`, nextStep: `Retry ${run.pipeline}/${description.retry.run}: what still fails is tried again.` });
  const summary = await readJson<RunSummary>(store, `${runFolder(run)}/summary.json`);
  if ((summary?.status === 'done' || summary?.status === 'failed_records') && summary.counts.cancelled === 0) return description;
  throw new SyngraphError({
    code: 'USAGE',
    message: `the run ${name} has not come to its end`,
    nextStep: `Go on with it first: syngraph run ${description.task} --resume ${run.run}`,
  });
}

/** Two retries at once would try the same records. @throws SyngraphError RUN_EXISTS, STORE_INVALID where one is gone */
export async function assertRetriesEnded(store: Store, run: RunReference, number: number): Promise<void> {
  await assertRetriesKept(store, run);
  for (const { reference, task } of await retriesOf(store, run, number)) {
    if ((await store.size(`${runFolder(reference)}/summary.json`)) !== null) continue;
    throw new SyngraphError({
      code: 'RUN_EXISTS',
      message: `the retry ${reference.pipeline}/${reference.run} has not ended`,
      nextStep: `Go on with it (syngraph run ${task} --resume ${reference.run}) or cancel it first.`,
    });
  }
}

/**
 * A retry that is gone on with has not ended: its summary goes, so that no other one begins beside it. Nothing for other runs.
 * @throws SyngraphError RUN_EXISTS where a later retry has taken its records over
 */
export async function reopenRetry(store: Store, reference: RunReference): Promise<void> {
  const retry = retryOfRunId(reference.run);
  if (retry === null) return;
  const later = (await retriesOf(store, { pipeline: reference.pipeline, run: retry.run })).at(-1);
  if (later === undefined || later.reference.run === reference.run) return store.remove(`${runFolder(reference)}/summary.json`);
  throw new SyngraphError({
    code: 'RUN_EXISTS',
    message: `what ${reference.run} has left is tried again by ${later.reference.run}`,
    nextStep: `Go on with that one, or start another: syngraph retry ${retry.run}`,
  });
}

function nothingToRetry({ pipeline, run }: RunReference): SyngraphError {
  return new SyngraphError({
    code: 'USAGE',
    message: `no failed record of ${pipeline}/${run} is like that`,
    nextStep: `syngraph failed ${run} shows them by node and error.`,
  });
}
