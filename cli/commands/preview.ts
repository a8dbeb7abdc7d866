import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { runFolder } from '../../activities/run/run-files.ts';
import { joinLocation } from '../../activities/store/locations.ts';
import { planHash } from '../../pipeline/plan-hash.ts';
import type { CommandContext } from '../context.ts';
import { taskArgument } from '../options/task-argument.ts';
import { askDirectly } from '../preview/ask-directly.ts';
import { readNodeRuns } from '../preview/read-node-runs.ts';
import { traceRecords } from '../preview/trace-records.ts';
import { renderTraces } from '../render/trace.ts';
import { decideReviews } from '../reviews/decide-reviews.ts';
import { ALL, readRequests } from '../reviews/read-requests.ts';
import { openRunSession } from '../run/open-run-session.ts';
import { sayWhatIsSimulated, simulatedModelsOf } from '../run/start-run.ts';
import { startWorkflow } from '../run/start-workflow.ts';
import { withModels, type RunOptions } from '../run/run-request.ts';
import { newPreviewId, workflowIdOf, type RunName } from '../runs/run-name.ts';
import { workflowFailure } from '../runs/workflow-failure.ts';
import { planOrReport } from '../session/plan-or-report.ts';
import { settleLocalModels } from '../session/settle-local-models.ts';
import { listenForStop } from '../session/stop-signals.ts';
import { queryProgress } from '../watch/query-progress.ts';
import { watchRun } from '../watch/watch-run.ts';

const DEFAULT_RECORDS = 3;

/** `syngraph preview`: a small run through the same engine, shown record by record. Its answers are reused by later runs. */
export async function execute(context: CommandContext, [positional]: (string | undefined)[], options: Record<string, unknown>): Promise<number> {
  const flags = options as RunOptions;
  const task = taskArgument(positional, flags);
  const { store, terminal } = context;
  const startedAt = Date.now();
  const signals = listenForStop();
  const session = openRunSession(context);
  try {
    const compiled = await planOrReport(context, { task, ...withModels(flags) });
    if (compiled === null) return 2;
    const planned = await settleLocalModels(context, compiled);
    // A look must not write where the pipeline's dataset belongs, least of all on the Hub.
    const plan = { ...askDirectly(planned.plan), sinks: [] };
    const hash = planHash(plan);
    await store.write(`plans/${hash}.json`, JSON.stringify(plan));
    const name: RunName = { pipeline: plan.pipeline, run: newPreviewId() };
    const numRecords = flags.numRecords ?? DEFAULT_RECORDS;
    const { startIndex, seed, fresh } = flags;
    const chosen = Object.fromEntries(Object.entries({ startIndex, seed, fresh }).filter(([, value]) => value !== undefined));
    const simulatedModels = await simulatedModelsOf(context, plan);
    const { client } = await session.connected;
    await startWorkflow({
      client,
      name,
      input: { task, planHash: hash, runId: name.run, numRecords, batchSize: numRecords, output: joinLocation(store.location, `${runFolder({ ...name })}/preview.jsonl`), simulatedModels, ...chosen },
      summary: `preview of ${task}`,
    });
    sayWhatIsSimulated(context, simulatedModels);
    const workerEnded = session.serving.then((serving) => serving.ended);
    const over = new AbortController();
    const approving = plan.nodes.some(({ kind }) => kind === 'human_review') ? approveAll(context, { client, name, signal: over.signal }) : null;
    const outcome = await watchRun({ context, client, run: name, startedAt, signals, workerEnded }).finally(() => over.abort());
    await approving;
    if (outcome.kind === 'ended' && (await isCancelled(client, name))) return 1;
    if (outcome.kind === 'ended') throw workflowFailure(outcome.error);
    if (outcome.kind === 'paused') {
      // Nobody goes on with a preview: it must not stay open.
      await client.workflow.getHandle(workflowIdOf(name)).terminate('the preview met something that only its user can mend');
      terminal.warn(`${terminal.colours.red('error')} ${outcome.cause.message} ${terminal.colours.dim(`[${outcome.cause.code}]`)}`);
      if (outcome.cause.nextStep !== null) terminal.warn(`  ${outcome.cause.nextStep}`);
      return 1;
    }
    if (outcome.kind === 'left') return 1;
    const nodeRuns = await readNodeRuns(client, workflowIdOf(name));
    const batch = { folder: runFolder({ ...name }), range: 0, batch: 0 };
    const traces = outcome.summary.counts.total === 0 ? [] : await traceRecords({ store, plan, batch, nodeRuns });
    if (context.isJson) terminal.result(JSON.stringify({ runId: name.run, records: traces }));
    else if (traces.length === 0) terminal.tell('The source has no records here.');
    else for (const line of renderTraces(traces, terminal.colours)) terminal.tell(line);
    return outcome.summary.counts.failed > 0 ? 3 : 0;
  } finally {
    await session.close();
    signals.dispose();
  }
}

const REVIEW_MILLISECONDS = 500;

/** Nobody is asked during a look: what waits for a human goes on as if it were approved. */
async function approveAll({ store, terminal }: CommandContext, { client, name, signal }: { client: Client; name: RunName; signal: AbortSignal }): Promise<void> {
  terminal.tell('Records that wait for a human review are approved in a preview.');
  while (!signal.aborted) {
    // An aborted sleep rejects; the loop looks at the signal itself.
    await sleep(REVIEW_MILLISECONDS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    if (((await queryProgress(client, name))?.reviews ?? 0) === 0) continue;
    const decided = await decideReviews({ store, name, requests: readRequests({ approve: [ALL] }), node: null, comment: null, reviewer: 'preview' });
    for (const [node, count] of decided) await client.workflow.getHandle(workflowIdOf(name)).signal('reviewed', { node, decided: count });
  }
}

async function isCancelled(client: Client, name: RunName): Promise<boolean> {
  const { status } = await client.workflow.getHandle(workflowIdOf(name)).describe();
  return status.name === 'CANCELLED';
}
