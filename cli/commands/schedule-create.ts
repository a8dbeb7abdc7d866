import { resolve } from 'node:path';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { CommandContext } from '../context.ts';
import { taskArgument } from '../options/task-argument.ts';
import { pipelineInput, withModels, type RunOptions } from '../run/run-request.ts';
import { scheduleOptions, type ScheduleFlags } from '../schedule/create-schedule.ts';
import { openServer } from '../session/open-server.ts';
import { planOrReport } from '../session/plan-or-report.ts';
import { ensureWorkerDaemon } from '../session/worker-daemon.ts';

/** `syngraph schedule create TASK --cron …`: runs of the pipeline whenever they are due. */
export async function execute(context: CommandContext, [positional]: (string | undefined)[], options: Record<string, unknown>): Promise<number> {
  const flags = options as unknown as RunOptions & ScheduleFlags;
  const { terminal, isJson, workingDirectory, store } = context;
  const task = taskArgument(positional, flags);
  const planned = await planOrReport(context, { task, ...withModels(flags) });
  if (planned === null) return 2;
  const { pipeline } = planned.plan;
  // A sink of the pipeline's own names one file: each run gets one of its own instead.
  const outputDir = flags.output === undefined ? { outputDir: flags.outputDir ?? 'output' } : {};
  const input = pipelineInput({ flags: { ...flags, ...outputDir }, task, planned, runId: '', workingDirectory, storeLocation: store.location });
  // A worker may stand in another folder; it compiles the task where it is.
  if (flags.recompile === true) input.task = resolve(workingDirectory, /[/\\]|\.ya?ml$|^\.+$/.test(task) ? task : task.replaceAll('.', '/'));
  const localZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const created = scheduleOptions({ flags, pipeline, task, input, localZone });
  const { server, client, close } = await openServer(context, { persistent: true });
  try {
    const { ScheduleAlreadyRunning } = await import('@temporalio/client');
    const handle = await client.schedule.create(created).catch((error: unknown) => {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      throw new SyngraphError({ code: 'USAGE', message: `there is a schedule ${created.scheduleId} already`, nextStep: `Choose another --id, or delete it: syngraph schedule delete ${created.scheduleId}` });
    });
    const daemon = server.isEmbedded ? await ensureWorkerDaemon(context) : null;
    const [next] = (await handle.describe()).info.nextActionTimes;
    if (isJson) terminal.result(JSON.stringify({ id: created.scheduleId, pipeline, next: next?.toISOString() ?? null, worker: daemon?.daemon.pid ?? null }));
    else {
      terminal.tell(`Schedule ${terminal.colours.bold(created.scheduleId)} runs ${task}${next === undefined ? '' : `; next at ${next.toISOString()}`}.`);
      terminal.tell(daemon === null ? `It needs a worker: syngraph worker.` : `The server and the worker ${daemon.daemon.pid} stay for it; syngraph down stops them, and with them the schedule.`);
      terminal.tell(`syngraph schedule describe ${created.scheduleId} shows its runs.`);
    }
    return 0;
  } finally {
    await close();
  }
}
