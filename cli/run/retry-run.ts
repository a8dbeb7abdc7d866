import { assertRetriesEnded, endedRun } from '../../activities/run/retry/describe-retry.ts';
import { retriesOf } from '../../activities/run/retry/retries-of-run.ts';
import { assertRecordsStandAlone } from '../../activities/run/retry/stands-alone.ts';
import type { RunDescription } from '../../activities/run/run-files.ts';
import type { Plan } from '../../pipeline/plan.ts';
import { retryOfRunId, retryRunId, type PipelineInput, type RetryFrom, type RetryRequest } from '../../pipeline/run-contract.ts';
import type { CommandContext } from '../context.ts';
import { formatCount } from '../render/format.ts';
import { workflowIdOf, type RunName } from '../runs/run-name.ts';
import { planOrReport } from '../session/plan-or-report.ts';
import { followRun } from './follow-run.ts';
import { openRunSession } from './open-run-session.ts';
import { withModels } from './run-request.ts';
import { sayWhatIsSimulated, simulatedModelsOf } from './start-run.ts';
import { startWorkflow } from './start-workflow.ts';

/** The flags of `retry` as commander reads them. */
export interface RetryOptions {
  node?: string;
  error?: string;
  ids?: string[];
  plan?: string;
  models?: string;
  from?: RetryFrom;
  fresh?: boolean;
  concurrency?: number;
  batchSize?: number;
}

/** Tries failed records of an ended run again in the foreground. Resolves to the exit code. */
export async function retryRun(context: CommandContext, { name, options, records }: { name: RunName; options: RetryOptions; records: number }): Promise<number> {
  const startedAt = Date.now();
  const { store, terminal } = context;
  const original = await endedRun(store, name);
  await assertAlone(context, original);
  await assertRetriesEnded(store, original.reference, Infinity);
  const earlier = await retriesOf(store, name);
  const number = (retryOfRunId(earlier.at(-1)?.reference.run ?? '')?.number ?? 0) + 1;
  const retryName: RunName = { pipeline: name.pipeline, run: retryRunId(name.run, number) };
  const session = openRunSession(context);
  try {
    await session.launched;
    const planned = await planOf(context, { options, original, latest: earlier.at(-1) ?? original });
    if (planned === null) return 2;
    session.preload();
    const simulatedModels = await simulatedModelsOf(context, planned.plan);
    const { client } = await session.connected;
    await startWorkflow({
      client,
      name: retryName,
      input: { ...inputOf(options, name), planHash: planned.planHash, runId: retryName.run, simulatedModels },
      summary: `retry ${number} of ${workflowIdOf(name)}`,
      // One that could not begin has left nothing behind but its name.
      triesAgain: true,
    });
    terminal.tell(`Run ${terminal.colours.bold(workflowIdOf(retryName))} tries ${formatCount(records)} ${records === 1 ? 'record' : 'records'} again.`);
    sayWhatIsSimulated(context, simulatedModels);
    return await followRun({ context, session, name: retryName, task: original.task, startedAt });
  } finally {
    await session.close();
  }
}

/** Before anything is started for it. @throws SyngraphError USAGE */
async function assertAlone({ store }: CommandContext, original: RunDescription): Promise<void> {
  const { loadPlan } = await import('../../activities/planning/load-plan.ts');
  assertRecordsStandAlone(await loadPlan(store, original.reference.planHash), original);
}

/** The mended pipeline, else the one that was used last. null: it has errors, which have been told. */
async function planOf(
  context: CommandContext,
  { options, original, latest }: { options: RetryOptions; original: RunDescription; latest: RunDescription },
): Promise<{ plan: Plan; planHash: string } | null> {
  if (options.plan !== undefined || options.models !== undefined) return planOrReport(context, { task: options.plan ?? original.task, ...withModels(options) });
  const { loadPlan } = await import('../../activities/planning/load-plan.ts');
  const { planHash } = latest.reference;
  return { plan: await loadPlan(context.store, planHash), planHash };
}

function inputOf({ node, error, ids, from, fresh, concurrency, batchSize }: RetryOptions, { pipeline, run }: RunName): PipelineInput {
  const retry: RetryRequest = { run, pipeline };
  for (const [key, value] of Object.entries({ node, error, ids, from })) if (value !== undefined) Object.assign(retry, { [key]: value });
  const input: PipelineInput = { retry };
  for (const [key, value] of Object.entries({ fresh, concurrency, batchSize })) if (value !== undefined) Object.assign(input, { [key]: value });
  return input;
}
