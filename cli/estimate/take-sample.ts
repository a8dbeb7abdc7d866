import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { readPart } from '../../activities/run/close-range.ts';
import { partKey } from '../../activities/run/range-files.ts';
import { readPartMetrics } from '../../activities/run/read-part-metrics.ts';
import { runFolder } from '../../activities/run/run-files.ts';
import { readRanges } from '../../activities/run/run-parts.ts';
import type { Store } from '../../activities/store/store.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { PipelineInput } from '../../pipeline/run-contract.ts';
import type { CommandContext } from '../context.ts';
import type { RunSession } from '../run/open-run-session.ts';
import { startWorkflow } from '../run/start-workflow.ts';
import { newPreviewId, workflowIdOf, type RunName } from '../runs/run-name.ts';
import { workflowFailure } from '../runs/workflow-failure.ts';
import type { StopSignals } from '../session/stop-signals.ts';
import { watchRun } from '../watch/watch-run.ts';
import type { Sample, SampledNode } from './estimate-run.ts';

export interface TakeSample {
  context: CommandContext;
  session: RunSession;
  client: Client;
  pipeline: string;
  task: string;
  signals: StopSignals;
  /** Which records, and how. */
  input: PipelineInput;
}

/** Runs a few records as a run of their own, whose answers later runs reuse. null: it was stopped. */
export async function takeSample({ context, session, client, pipeline, task, signals, input }: TakeSample): Promise<Sample | null> {
  const { store, storeFolder } = context;
  const name: RunName = { pipeline, run: newPreviewId() };
  const output = join(storeFolder, runFolder({ ...name }), 'sample.jsonl');
  await startWorkflow({ client, name, input: { ...input, runId: name.run, output }, summary: `sample of ${task}` });
  const workerEnded = session.serving.then((serving) => serving.ended);
  const outcome = await watchRun({ context, client, run: name, startedAt: Date.now(), signals, workerEnded });
  if (outcome.kind === 'left') return null;
  if (outcome.kind === 'paused') {
    // Nobody goes on with a sample: it must not stay open.
    await client.workflow.getHandle(workflowIdOf(name)).terminate('the sample met something that only its user can mend');
    throw new SyngraphError({ code: 'MODEL_MISCONFIGURED', message: outcome.cause.message, ...(outcome.cause.nextStep === null ? {} : { nextStep: outcome.cause.nextStep }) });
  }
  if (outcome.kind === 'ended') {
    const error = workflowFailure(outcome.error);
    if (error.name === 'CancelledFailure') return null;
    throw error;
  }
  const folder = runFolder({ ...name });
  const ranges = await readRanges(store, folder);
  const parts = ranges.flatMap(({ manifest }, range) => (manifest?.batches ?? []).map(({ part }) => readGroup(store, folder, { range, part })));
  const groups = await Promise.all(parts);
  return { records: outcome.summary.counts.total, seconds: outcome.summary.seconds, groups };
}

async function readGroup(store: Store, folder: string, { range, part }: { range: number; part: string }): Promise<SampledNode[]> {
  const [{ nodes }, metrics] = await Promise.all([readPart(store, folder, { range, part }), readPartMetrics(store, partKey(folder, range, part))]);
  return nodes.map((node, index) => {
    const models = metrics.filter((one) => one.node === index).flatMap((one) => Object.values(one.models));
    return { ...node, saved: models.reduce<number | null>((sum, { saved }) => (sum === null || saved === null ? null : sum + saved), 0) };
  });
}
