import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { PAUSED, type PauseCause, type RunProgress, type RunSummary } from '../../pipeline/run-contract.ts';
import type { CommandContext } from '../context.ts';
import { closedRecords, renderProgressBlock, renderProgressLine, viewTotals, type RunView } from '../render/progress.ts';
import { readWorkers, sumLive } from '../runs/read-live.ts';
import { workflowIdOf, type RunName } from '../runs/run-name.ts';
import type { StopSignals } from '../session/stop-signals.ts';
import { openFinishedCount } from './finished-count.ts';
import { createRateMeter } from './rate.ts';
import { queryProgress } from './query-progress.ts';

/** How watching a run has ended. */
export type RunOutcome =
  | { kind: 'finished'; summary: RunSummary }
  | { kind: 'paused'; cause: PauseCause }
  /** The run's workflow has failed or was cancelled; `error` is as the client throws it. */
  | { kind: 'ended'; error: unknown }
  /** A second Ctrl-C: whatever happens to the run, this command goes. */
  | { kind: 'left' };

export interface WatchOptions {
  context: CommandContext;
  client: Client;
  run: RunName;
  /** Epoch milliseconds at which the command has started. */
  startedAt: number;
  signals: StopSignals;
  /** Rejects when the worker in this process breaks down. */
  workerEnded: Promise<void>;
}

const LIVE_MILLISECONDS = 500;
const QUERY_MILLISECONDS = 1_000;
const LINE_MILLISECONDS = 10_000;

/** Shows a run until it ends, pauses, or is left. The first Ctrl-C cancels it: what is finished gets into the output. */
export async function watchRun(options: WatchOptions): Promise<RunOutcome> {
  const { context, client, run, signals } = options;
  const handle = client.workflow.getHandle(workflowIdOf(run));
  const done = new AbortController();
  // The client adds a listener for each of its polls, as long as the run takes.
  setMaxListeners(0, done.signal);
  const finished = client.connection.withAbortSignal(done.signal, () => handle.result() as Promise<RunSummary>).then(
    (summary): RunOutcome => ({ kind: 'finished', summary }),
    (error: unknown): RunOutcome => ({ kind: 'ended', error }),
  );
  const left = signals.second.then((): RunOutcome => ({ kind: 'left' }));
  const broken = options.workerEnded.then(() => new Promise<never>(() => undefined));
  const cancelled = signals.first.then(async () => {
    if (done.signal.aborted) return;
    context.terminal.tell('Stopping: what is finished is being written. Ctrl-C again leaves at once.');
    await handle.cancel();
  });
  // A cancellation that could not be sent must be heard of; one that was sent changes nothing here.
  const notCancelled = cancelled.then(() => new Promise<never>(() => undefined));
  const showing = showUntilPaused(options, done.signal);
  try {
    return await Promise.race([finished, left, broken, notCancelled, showing.then((outcome) => outcome ?? new Promise<never>(() => undefined))]);
  } finally {
    done.abort();
    // A call that is still open when its connection is closed would be tried again on it, which throws out of a timer.
    await Promise.allSettled([finished, showing]);
    context.terminal.live([]);
  }
}

/** Rewrites the block, or writes a line now and then, until the run pauses; null when it is told to stop. */
async function showUntilPaused(options: WatchOptions, done: AbortSignal): Promise<RunOutcome | null> {
  const { context, client, run, startedAt } = options;
  const { terminal, store } = context;
  const records = createRateMeter();
  const calls = createRateMeter();
  const countFinished = await openFinishedCount(store, run);
  let progress: RunProgress | null = null;
  let queriedAt = 0;
  let lineAt = Date.now();
  while (!done.aborted) {
    await pause(LIVE_MILLISECONDS, done);
    const now = Date.now();
    if (now - queriedAt >= QUERY_MILLISECONDS) {
      queriedAt = now;
      progress = (await queryProgress(client, run)) ?? progress;
    }
    if (done.aborted) break;
    // Whoever has paused it by hand will resume it; a fault is for the user of this command to mend.
    if (progress?.status === 'paused' && progress.pause !== null && progress.pause.code !== PAUSED) return { kind: 'paused', cause: progress.pause };
    const workers = await readWorkers(store, run);
    const live = sumLive([...workers.values()], now);
    const finished = Math.max(closedRecords(progress), await countFinished(workers, progress));
    const totals = viewTotals({ progress, live });
    records.add(finished, now);
    calls.add(totals.calls, now);
    const view: RunView = {
      name: workflowIdOf(run),
      progress,
      live,
      finished,
      elapsedSeconds: (now - startedAt) / 1000,
      recordsPerSecond: records.rate(),
      callsPerSecond: calls.rate() ?? 0,
    };
    if (terminal.isLive) terminal.live(renderProgressBlock(view, { colours: terminal.colours, columns: terminal.columns() }));
    else if (now - lineAt >= LINE_MILLISECONDS) {
      lineAt = now;
      terminal.tell(renderProgressLine(view));
    }
  }
  return null;
}

/** Ends early when watching does, so that the command need not wait for the tick. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  // An aborted sleep rejects; the caller looks at the signal itself.
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}
