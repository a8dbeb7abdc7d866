import { runFolder } from '../../activities/run/run-files.ts';
import type { Plan } from '../../pipeline/plan.ts';
import type { CommandContext } from '../context.ts';
import { simulatedLine } from '../render/run-end.ts';
import { checkRunId, newRunId, workflowIdOf, type RunName } from '../runs/run-name.ts';
import type { TaskToCompile } from '../session/compile-task.ts';
import { planOrReport } from '../session/plan-or-report.ts';
import { settleLocalModels } from '../session/settle-local-models.ts';
import { followRun } from './follow-run.ts';
import { openRunSession } from './open-run-session.ts';
import { pipelineInput, withModels, type RunOptions } from './run-request.ts';
import { runExists, startWorkflow } from './start-workflow.ts';

export interface StartRun {
  task: string;
  flags: RunOptions;
  /** The run may exist: its start was on the way to the server when the command that sent it died. */
  joins?: boolean;
  /** Default: `pipeline`. */
  workflowType?: string;
  /** As of `compileTask`. */
  places?: TaskToCompile['places'];
  /** Throws where the run would come to nothing. Nothing has been started then. */
  check?: (plan: Plan) => Promise<void>;
}

/** Runs a pipeline from the beginning in the foreground. Resolves to the exit code. */
export async function startRun(context: CommandContext, { task, flags, joins = false, workflowType, places, check }: StartRun): Promise<number> {
  const startedAt = Date.now();
  const runId = checkRunId(flags.runId ?? newRunId(new Date()));
  // Server, worker and compilation take about as long as each other: they run side by side.
  const session = openRunSession(context, { worker: flags.worker !== false });
  try {
    await session.launched;
    const compiled = await planOrReport(context, { task, ...withModels(flags), ...(places && { places }) });
    if (compiled === null) return 2;
    await check?.(compiled.plan);
    const planned = flags.worker === false ? compiled : await settleLocalModels(context, compiled);
    session.preload();
    const name: RunName = { pipeline: planned.plan.pipeline, run: runId };
    const simulatedModels = await simulatedModelsOf(context, planned.plan);
    // What is announced here holds for every worker that takes a part of the run.
    const input = { ...pipelineInput({ flags, task, planned, runId, workingDirectory: context.workingDirectory, storeLocation: context.store.location }), simulatedModels };
    if (!joins) await refuseExisting(context, name);
    const { client } = await session.connected;
    await startWorkflow({ client, name, input, summary: `${task}, run ${runId}`, joins, ...(workflowType === undefined ? {} : { workflowType }) });
    context.terminal.tell(`Run ${context.terminal.colours.bold(workflowIdOf(name))}`);
    sayWhatIsSimulated(context, simulatedModels);
    return await followRun({ context, session, name, task, startedAt });
  } finally {
    await session.close();
  }
}

/** The store knows runs that the server has forgotten. @throws SyngraphError RUN_EXISTS */
export async function refuseExisting({ store }: CommandContext, name: RunName): Promise<void> {
  if ((await store.size(`${runFolder({ ...name })}/run.json`)) !== null) throw runExists(name);
}

/** Whoever runs without an endpoint must not take the answers for a model's. */
export function sayWhatIsSimulated({ terminal }: CommandContext, simulatedModels: string[]): void {
  if (simulatedModels.length > 0) terminal.tell(terminal.colours.yellow(simulatedLine(simulatedModels)));
}

/** Models for which this process has no endpoint. */
export async function simulatedModelsOf(context: CommandContext, plan: Plan): Promise<string[]> {
  const { createModelGateway } = await import('../../activities/models/create-model-gateway.ts');
  const gateway = createModelGateway({ environment: context.currentEnvironment });
  try {
    return Object.values(plan.models).filter((model) => gateway.isSimulated(model)).map((model) => model.name);
  } finally {
    await gateway.close();
  }
}
