import type { CommandContext } from '../context.ts';
import { checkRunId, newRunId, workflowIdOf, type RunName } from '../runs/run-name.ts';
import { uiAddress } from '../runs/ui-address.ts';
import { openServer } from '../session/open-server.ts';
import { planOrReport } from '../session/plan-or-report.ts';
import { settleLocalModels } from '../session/settle-local-models.ts';
import { ensureWorkerDaemon } from '../session/worker-daemon.ts';
import { pipelineInput, withModels } from './run-request.ts';
import { refuseExisting, sayWhatIsSimulated, simulatedModelsOf, type StartRun } from './start-run.ts';
import { startWorkflow } from './start-workflow.ts';

/** Starts a run and leaves it to the worker that `up` keeps running, which is started where there is none. */
export async function detachRun(context: CommandContext, { task, flags, workflowType, places, check }: Omit<StartRun, 'joins'>): Promise<number> {
  const { terminal, isJson } = context;
  const runId = checkRunId(flags.runId ?? newRunId(new Date()));
  const compiled = await planOrReport(context, { task, ...withModels(flags), ...(places && { places }) });
  if (compiled === null) return 2;
  await check?.(compiled.plan);
  const planned = await settleLocalModels(context, compiled);
  const name: RunName = { pipeline: planned.plan.pipeline, run: runId };
  await refuseExisting(context, name);
  const simulatedModels = await simulatedModelsOf(context, planned.plan);
  const input = { ...pipelineInput({ flags, task, planned, runId, workingDirectory: context.workingDirectory, storeLocation: context.store.location }), simulatedModels };
  const { server, client, close } = await openServer(context, { persistent: true });
  try {
    const { daemon, started } = await ensureWorkerDaemon(context);
    await startWorkflow({ client, name, input, summary: `${task}, run ${runId}`, ...(workflowType === undefined ? {} : { workflowType }) });
    const temporalUi = uiAddress(server, workflowIdOf(name));
    terminal.tell(`Run ${terminal.colours.bold(workflowIdOf(name))} is left to the worker ${daemon.pid}${started ? ', started for it (syngraph down stops it)' : ''}.`);
    sayWhatIsSimulated(context, simulatedModels);
    terminal.tell(`syngraph status ${name.run} shows how it stands${temporalUi === null ? '' : `; in Temporal: ${temporalUi}`}`);
    if (isJson) terminal.result(JSON.stringify({ runId, status: 'running', temporalUi, worker: daemon.pid }));
    return 0;
  } finally {
    await close();
  }
}
