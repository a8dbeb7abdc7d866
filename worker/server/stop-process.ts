import { setTimeout as sleep } from 'node:timers/promises';
import { isProcessRunning, type ProcessIdentity } from '../../activities/cache/process-identity.ts';

const POLL_MILLISECONDS = 10;

/** Sends SIGTERM, if it still runs. */
export function tellToEnd(target: ProcessIdentity): void {
  if (isProcessRunning(target)) signal(target, 'SIGTERM');
}

/** Waits for the process to end and kills it after `patienceMilliseconds`: SQLite's write-ahead log survives that. */
export async function waitForEnd(target: ProcessIdentity, patienceMilliseconds = 300): Promise<void> {
  const deadline = Date.now() + patienceMilliseconds;
  while (isProcessRunning(target)) {
    if (Date.now() > deadline) signal(target, 'SIGKILL');
    await sleep(POLL_MILLISECONDS);
  }
}

function signal({ pid }: ProcessIdentity, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // ESRCH: it ended in between, which is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
