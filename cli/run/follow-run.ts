import type { RunDescription } from '../../activities/run/run-files.ts';
import { runFolder } from '../../activities/run/run-files.ts';
import { readJson } from '../../activities/store/read-json.ts';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { CommandContext } from '../context.ts';
import { exitCodeOfError } from '../exit-code.ts';
import { failedPreview } from '../runs/failed-preview.ts';
import { writePauseNote } from '../runs/pause-note.ts';
import { readLive } from '../runs/read-live.ts';
import { retryHint } from '../runs/retry-hint.ts';
import { endStatus, readSummary } from '../runs/read-summary.ts';
import { workflowIdOf, type RunName } from '../runs/run-name.ts';
import { reportOf, type RunReport } from '../runs/run-report.ts';
import { workflowFailure } from '../runs/workflow-failure.ts';
import { serverLost } from '../runs/server-lost.ts';
import { uiAddress } from '../runs/ui-address.ts';
import { resumeCommand } from '../render/resume-command.ts';
import { renderRunEnd } from '../render/run-end.ts';
import { readWorkerDaemon } from '../session/worker-daemon.ts';
import { listenForStop } from '../session/stop-signals.ts';
import { watchRun, type RunOutcome } from '../watch/watch-run.ts';
import type { RunSession } from './open-run-session.ts';

export interface FollowOptions {
  context: CommandContext;
  session: RunSession;
  name: RunName;
  /** As the user would type it again. */
  task: string;
  /** Epoch milliseconds. */
  startedAt: number;
}

/** Watches a run that has been started, says how it ended, and resolves to the exit code. Closes the session. */
export async function followRun(options: FollowOptions): Promise<number> {
  const { context, session, name, task, startedAt } = options;
  const signals = listenForStop();
  try {
    const { server, client } = await session.connected;
    const workerEnded = session.serving.then((serving) => serving.ended);
    workerEnded.catch(() => undefined);
    const outcome = await watchRun({ context, client, run: name, startedAt, signals, workerEnded });
    // Before `close`, which waits for it; a worker that could not start has told so by now.
    session.serving.then((serving) => serving.runFollowed({ ...name, startedAt, outcome: outcome.kind === 'finished' ? outcome.summary.status : outcome.kind })).catch(() => undefined);
    if (outcome.kind === 'paused') await writePauseNote(context.store, name, outcome.cause);
    const temporalUi = uiAddress(server, workflowIdOf(name));
    const serverStays = !server.isEmbedded || (await readWorkerDaemon(context.storeFolder)) !== null;
    const report = await reportOn(context, { outcome, name, startedAt, temporalUi, serverStays });
    await sayEnd(context, { outcome, report, name, task });
    if (outcome.kind === 'left') await withinOneSecond(session.close());
    else await session.close();
    return exitCodeOf(outcome, report);
  } finally {
    signals.dispose();
  }
}

async function reportOn(
  context: CommandContext,
  options: { outcome: RunOutcome; name: RunName; startedAt: number; temporalUi: string | null; serverStays: boolean },
): Promise<RunReport> {
  const { outcome, name, startedAt, temporalUi, serverStays } = options;
  const { store } = context;
  const [description, live] = await Promise.all([
    readJson<RunDescription>(store, `${runFolder({ ...name })}/run.json`),
    readLive(store, name, Date.now()),
  ]);
  const summary = outcome.kind === 'finished' ? outcome.summary : outcome.kind === 'ended' ? await readSummary(store, name) : null;
  // A server that has gone says nothing of the run, which goes on with it.
  const isLost = outcome.kind === 'ended' && serverLost(outcome.error) !== null;
  const status = outcome.kind === 'paused' ? 'paused' : outcome.kind === 'left' ? 'running' : summary === null ? (isLost ? 'running' : 'failed') : endStatus(summary);
  return reportOf({ name, status, summary, description, live, temporalUi, serverStays, seconds: (Date.now() - startedAt) / 1000 });
}

async function sayEnd(
  context: CommandContext,
  { outcome, report, name, task }: { outcome: RunOutcome; report: RunReport; name: RunName; task: string },
): Promise<void> {
  const { terminal, isJson } = context;
  const failed = report.json.failedRecords === null ? [] : await failedPreview(report.json.failedRecords);
  const cause = outcome.kind === 'paused' ? outcome.cause : outcome.kind === 'finished' ? (outcome.summary.stop ?? null) : null;
  const hasFailures = (report.json.retryOf?.counts.failed ?? report.json.counts.failed) > 0;
  const original = hasFailures ? await readJson<RunDescription>(context.store, `${runFolder({ ...name, run: report.json.retryOf?.run ?? name.run })}/run.json`) : null;
  const again = original === null ? null : await retryHint(context.store, original);
  for (const line of renderRunEnd(report, { colours: terminal.colours, cause, task, failed, again })) terminal.tell(line);
  if (isJson) terminal.result(JSON.stringify(report.json));
  if (outcome.kind === 'ended' && report.json.status !== 'cancelled') {
    const error = workflowFailure(outcome.error);
    terminal.warn(`${terminal.colours.red('error')} ${error.message}`);
    terminal.warn(`  ${error instanceof SyngraphError && error.nextStep !== undefined && error.code !== 'SERVER_UNAVAILABLE' ? error.nextStep : `${error instanceof SyngraphError && error.code === 'SERVER_UNAVAILABLE' ? 'Once it is there again' : 'Once it is mended'}: ${resumeCommand({ name: report.name, task, workflowType: report.workflowType })}`}`);
  }
}

/** The exit code of a run that has stopped at its budget, its tokens or its deadline. */
const CAPPED = 4;

function exitCodeOf(outcome: RunOutcome, report: RunReport): number {
  if (outcome.kind === 'ended') return report.json.status === 'failed' ? exitCodeOfError(workflowFailure(outcome.error)) : 1;
  if (outcome.kind !== 'finished') return 1;
  if (report.json.status === 'capped') return CAPPED;
  if (report.quality?.status === 'cancelled') return 1;
  // A retry has done what it was asked to, but the dataset is that of its run.
  if (report.json.status === 'done') return (report.json.oasst?.failed ?? 0) > 0 || (report.json.retryOf?.counts.failed ?? 0) > 0 ? 3 : 0;
  return report.json.status === 'failed_records' ? 3 : 1;
}

async function withinOneSecond(work: Promise<void>): Promise<void> {
  await Promise.race([work, new Promise<void>((resolve) => setTimeout(resolve, 1_000).unref())]);
}
