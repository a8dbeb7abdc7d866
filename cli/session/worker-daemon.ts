import { spawn } from 'node:child_process';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SyngraphError } from '../../pipeline/errors.ts';
import { isProcessRunning, ownProcess, type ProcessIdentity } from '../../activities/cache/process-identity.ts';
import type { CommandContext } from '../context.ts';

/** `<store>/worker.json`: the worker that `syngraph up` keeps running. */
export interface WorkerDaemon extends ProcessIdentity {
  startedAt: string;
}

const READY_MILLISECONDS = 30_000;

/** The store's daemon; null when none runs. */
export async function readWorkerDaemon(storeFolder: string): Promise<WorkerDaemon | null> {
  try {
    const daemon = JSON.parse(await readFile(daemonFile(storeFolder), 'utf8')) as WorkerDaemon;
    return isProcessRunning(daemon) ? daemon : null;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Runs in the daemon: it serves now. */
export async function announceWorkerDaemon(storeFolder: string): Promise<void> {
  const daemon: WorkerDaemon = { ...ownProcess(), startedAt: new Date().toISOString() };
  await writeFile(daemonFile(storeFolder), `${JSON.stringify(daemon)}\n`);
}

/** Runs in the daemon: it no longer serves. */
export async function retractWorkerDaemon(storeFolder: string): Promise<void> {
  const daemon = await readWorkerDaemon(storeFolder);
  if (daemon?.pid === process.pid) await rm(daemonFile(storeFolder), { force: true });
}

/**
 * The running daemon, or a new one: this command with `worker`, in a process group of its own, with
 * its words in `<store>/logs/worker.log`. Resolves when it serves.
 */
export async function ensureWorkerDaemon(context: CommandContext): Promise<{ daemon: WorkerDaemon; started: boolean }> {
  const running = await readWorkerDaemon(context.storeFolder);
  if (running !== null) return { daemon: running, started: false };
  const logFile = join(context.storeFolder, 'logs', 'worker.log');
  await mkdir(join(context.storeFolder, 'logs'), { recursive: true });
  const log = await open(logFile, 'a');
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, 'worker', '--daemon', '--store', context.store.location], {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    cwd: context.workingDirectory,
  });
  child.unref();
  await log.close();
  const deadline = Date.now() + READY_MILLISECONDS;
  while (Date.now() < deadline && child.exitCode === null && child.signalCode === null) {
    const daemon = await readWorkerDaemon(context.storeFolder);
    if (daemon !== null) return { daemon, started: true };
    await sleep(50);
  }
  throw new SyngraphError({
    code: 'SERVER_UNAVAILABLE',
    message: 'the worker that should be kept running did not start',
    nextStep: `Its words are in ${logFile}.`,
  });
}

/** Tells the daemon to drain and waits for its end. Resolves to false when none ran. */
export async function stopWorkerDaemon(storeFolder: string): Promise<boolean> {
  const daemon = await readWorkerDaemon(storeFolder);
  if (daemon === null) return false;
  const { tellToEnd, waitForEnd } = await import('../../worker/server/stop-process.ts');
  tellToEnd(daemon);
  await waitForEnd(daemon, 15_000);
  await rm(daemonFile(storeFolder), { force: true });
  return true;
}

function daemonFile(storeFolder: string): string {
  return join(storeFolder, 'worker.json');
}
