import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { readPart } from '../../activities/run/close-range.ts';
import { partKey } from '../../activities/run/range-files.ts';
import { readPartMetrics } from '../../activities/run/read-part-metrics.ts';
import { runFolder } from '../../activities/run/run-files.ts';
import { readRanges } from '../../activities/run/run-parts.ts';
import type { Store } from '../../activities/store/store.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { NodeMetrics } from '../../pipeline/metrics/node-metrics.ts';
import type { PipelineInput } from '../../pipeline/run-contract.ts';
import type { CommandContext } from '../context.ts';
import type { RunSession } from '../run/open-run-session.ts';
import { startWorkflow } from '../run/start-workflow.ts';
import { newPreviewId, PREVIEW_PREFIX, workflowIdOf, type RunName } from '../runs/run-name.ts';
import { workflowFailure } from '../runs/workflow-failure.ts';
import type { StopSignals } from '../session/stop-signals.ts';
import { watchRun } from '../watch/watch-run.ts';
import type { Sample, SampledNode } from './estimate-run.ts';
import { keepSample, sampleBehind } from './kept-sample.ts';

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
  const { groups, origins } = await readGroups(store, runFolder({ ...name }));
  const own: Sample = { records: outcome.summary.counts.total, seconds: outcome.summary.seconds, groups };
  const sample = (await sampleBehind(store, { pipeline, origins, sample: own })) ?? own;
  await keepSample(store, name, sample);
  return sample;
}

/** What the batches of a sample did, and the runs that its answers were taken from. */
async function readGroups(store: Store, folder: string): Promise<{ groups: SampledNode[][]; origins: Set<string> }> {
  const ranges = await readRanges(store, folder);
  const origins = new Set<string>();
  const groups = await Promise.all(
    ranges.flatMap(({ manifest }, range) =>
      (manifest?.batches ?? []).map(async ({ part }) => {
        const [{ nodes }, metrics] = await Promise.all([readPart(store, folder, { range, part }), readPartMetrics(store, partKey(folder, range, part))]);
        for (const { node } of metrics) for (const run of originsAt(metrics, node)) origins.add(run);
        return nodes.map((node, index) => ({ ...node, saved: savedAt(metrics, index), isSavedByRuns: originsAt(metrics, index).every((run) => !run.startsWith(PREVIEW_PREFIX)) }));
      }),
    ),
  );
  return { groups, origins };
}

function originsAt(metrics: readonly NodeMetrics[], node: number): string[] {
  return metrics.filter((one) => one.node === node).flatMap(({ reusedFrom }) => Object.keys(reusedFrom));
}

function savedAt(metrics: readonly NodeMetrics[], node: number): number | null {
  const models = metrics.filter((one) => one.node === node).flatMap((one) => Object.values(one.models));
  return models.reduce<number | null>((sum, { saved }) => (sum === null || saved === null ? null : sum + saved), 0);
}
