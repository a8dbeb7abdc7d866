import { runFolder, type RunDescription } from '../../activities/run/run-files.ts';
import type { Client } from '@temporalio/client';
import { SyngraphError } from '../../pipeline/errors.ts';
import { describeControl, type ControlChange, type PipelineInput, type RunControl } from '../../pipeline/run-contract.ts';
import type { CommandContext } from '../context.ts';
import { simulatedLine } from '../render/run-end.ts';
import { removePauseNote } from '../runs/pause-note.ts';
import { workflowIdOf, type RunName } from '../runs/run-name.ts';
import { openServer } from '../session/open-server.ts';
import { compileTask } from '../session/compile-task.ts';
import { queryProgress } from '../watch/query-progress.ts';
import { findRunToResume } from './find-run-to-resume.ts';
import { followRun } from './follow-run.ts';
import { openRunSession, type RunSession } from './open-run-session.ts';
import { pipelineNameOf } from './pipeline-name.ts';
import { capsOf, withModels, type RunOptions } from './run-request.ts';
import { startWorkflow } from './start-workflow.ts';

/** The first query waits for the worker to have replayed the run. */
const FIRST_QUERY_MILLISECONDS = 10_000;

/** Goes on with a run: attaches to one that is open, or starts it again under its id. Resolves to the exit code. */
export async function resumeRun(context: CommandContext, { task, run, flags }: { task: string | null; run: string | null; flags: RunOptions }): Promise<number> {
  const startedAt = Date.now();
  const pipeline = task === null ? null : pipelineNameOf(task, context.workingDirectory);
  const found = await findRunToResume(context.store, { pipeline, run }).catch((error: unknown) => {
    // Stopped before it was prepared: there is nothing to go on with, and nothing was lost either.
    if (task !== null && run !== null && error instanceof SyngraphError && error.code === 'RUN_NOT_FOUND') return null;
    throw error;
  });
  if (found === null) return beginAgain(context, { task: task ?? '', name: { pipeline: pipeline ?? '', run: run ?? '' }, flags });
  const { name, description } = found;
  const session = openRunSession(context, { worker: flags.worker !== false });
  try {
    const { client } = await session.connected;
    const state = await stateOf(client, name);
    if (state === 'stopping') await seeStopped(context, { session, client, name });
    if (state === 'open') await attach(context, { session, client, name, flags });
    else await startAgain(context, { client, name, description, flags });
    await removePauseNote(context.store, name);
    const { simulatedModels } = description;
    if (simulatedModels.length > 0) context.terminal.tell(context.terminal.colours.yellow(simulatedLine(simulatedModels)));
    const comparing = sayWhatChanged(context, description, flags).catch(() => undefined);
    const exitCode = await followRun({ context, session, name, task: description.task, startedAt });
    await comparing;
    return exitCode;
  } finally {
    await session.close();
  }
}

/** The run's workflow may be waiting for a worker already; otherwise the run starts as if it were new. */
async function beginAgain(context: CommandContext, { task, name, flags }: { task: string; name: RunName; flags: RunOptions }): Promise<number> {
  const startedAt = Date.now();
  // Kept until the end, so that the server need not be started twice.
  const { client, close } = await openServer(context);
  try {
    if ((await stateOf(client, name)) === 'closed') {
      context.terminal.tell(`The run ${workflowIdOf(name)} had not begun; it starts now.`);
      const { startRun } = await import('./start-run.ts');
      const { resume: _, ...others } = flags;
      return await startRun(context, { task, flags: { ...others, runId: name.run }, joins: true });
    }
    const session = openRunSession(context, { worker: flags.worker !== false });
    try {
      await attach(context, { session, client, name, flags });
      return await followRun({ context, session, name, task, startedAt });
    } finally {
      await session.close();
    }
  } finally {
    await close();
  }
}

/** `stopping`: it was cancelled, and whoever served it has left before it was through. */
async function stateOf(client: Client, name: RunName): Promise<'open' | 'stopping' | 'closed'> {
  const { WorkflowNotFoundError } = await import('@temporalio/client');
  try {
    const { status, raw } = await client.workflow.getHandle(workflowIdOf(name)).describe();
    if (status.name !== 'RUNNING') return 'closed';
    return raw.workflowExtendedInfo?.cancelRequested === true ? 'stopping' : 'open';
  } catch (error) {
    // Past the server's retention, or on a new server: the store knows all that is needed.
    if (error instanceof WorkflowNotFoundError) return 'closed';
    throw error;
  }
}

async function seeStopped(context: CommandContext, { session, client, name }: { session: RunSession; client: Client; name: RunName }): Promise<void> {
  context.terminal.tell(`Run ${context.terminal.colours.bold(workflowIdOf(name))} was left while it was stopping; it goes on when that is done.`);
  await reviveAttempts({ session, client, name });
  // It ends as cancelled, which the client throws.
  await client.workflow.getHandle(workflowIdOf(name)).result().catch(() => undefined);
}

/** Attempts of workers that are gone are given to this one. */
async function reviveAttempts({ session, client, name }: { session: RunSession; client: Client; name: RunName }): Promise<void> {
  const { failDeadAttempts } = await import('../../worker/revive-run.ts');
  await session.serving;
  await failDeadAttempts({ client, pipeline: name.pipeline, run: name.run, workflowIds: [workflowIdOf(name)] });
}

async function attach(context: CommandContext, { session, client, name, flags }: { session: RunSession; client: Client; name: RunName; flags: RunOptions }): Promise<void> {
  const id = workflowIdOf(name);
  context.terminal.tell(`Run ${context.terminal.colours.bold(id)} is open; going on with it.`);
  await reviveAttempts({ session, client, name });
  const change = limitsOf(flags);
  if (Object.keys(change).length > 0) {
    const control = await client.workflow.getHandle(id).executeUpdate<RunControl, [ControlChange]>('set', { args: [change] });
    for (const line of describeControl(control)) context.terminal.tell(`  ${line}`);
  }
  const progress = await queryProgress(client, name, FIRST_QUERY_MILLISECONDS);
  if (progress?.status === 'paused') await client.workflow.getHandle(id).signal('proceed');
}

async function startAgain(
  context: CommandContext,
  { client, name, description, flags }: { client: Client; name: RunName; description: RunDescription; flags: RunOptions },
): Promise<void> {
  const { planHash } = description.reference;
  if ((await context.store.size(`plans/${planHash}.json`)) === null) {
    throw new SyngraphError({
      code: 'STORE_INVALID',
      message: `the plan of ${workflowIdOf(name)} is gone from the store ${context.store.location}`,
      nextStep: 'Start a new run; it reuses the answers of this one.',
    });
  }
  await startWorkflow({
    client,
    name,
    input: { task: description.task, planHash, runId: name.run, resume: true, ...limitsOf(flags) },
    summary: `${description.task}, run ${name.run}, resumed`,
    ...(description.workflowType === undefined ? {} : { workflowType: description.workflowType }),
  });
  context.terminal.tell(`Run ${context.terminal.colours.bold(workflowIdOf(name))} goes on from ${context.store.location}/${runFolder({ ...name })}.`);
}

/** What of a run may be another once it goes on. */
function limitsOf(flags: RunOptions): Pick<PipelineInput, 'concurrency' | 'priority' | 'budget' | 'maxTokensTotal' | 'deadline'> {
  const { concurrency, priority } = flags;
  return { ...(concurrency === undefined ? {} : { concurrency }), ...(priority === undefined ? {} : { priority }), ...capsOf(flags) };
}

/** The run keeps the code that it was planned with; whoever has edited it since should know. */
async function sayWhatChanged(context: CommandContext, { task, reference, retry }: RunDescription, flags: RunOptions): Promise<void> {
  if (retry !== undefined) return;
  const { planHash } = await compileTask(context, { task, ...withModels(flags) });
  if (planHash === reference.planHash) return;
  const how = planHash === null ? 'has been changed and no longer compiles' : 'has been changed';
  context.terminal.tell(`${task} ${how} since this run was planned; the run goes on with the code it was planned with. A new run takes the changes and reuses the answers that they leave untouched.`);
}
