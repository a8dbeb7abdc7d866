import { machineName } from '../activities/cache/machine-name.ts';
import { isProcessRunning, ownProcess, type ProcessIdentity } from '../activities/cache/process-identity.ts';

export interface WorkerIdentity extends ProcessIdentity {
  /** As `machineName` has it. */
  host: string;
}

/** `syngraph:<machine>:<pid>:<process start time>`: what Temporal shows of who runs an attempt. */
export function workerIdentity(): string {
  const { pid, startTime } = ownProcess();
  return `syngraph:${machineName()}:${pid}:${startTime}`;
}

/** null for identities that are not of our making. */
export function parseWorkerIdentity(identity: string): WorkerIdentity | null {
  const parts = /^syngraph:([^:]+):(\d+):([^:]+)$/.exec(identity);
  if (parts === null) return null;
  const [, host, pid, startTime] = parts as unknown as [string, string, string, string];
  return { host, pid: Number(pid), startTime };
}

/**
 * Whether the worker of that identity may still be at work. False only where its death is proven:
 * a worker of another machine or container, or one whose start time could not be read, counts as alive.
 */
export function isProcessAlive(identity: string): boolean {
  const worker = parseWorkerIdentity(identity);
  if (worker === null || worker.host !== machineName() || worker.startTime === 'unknown') return true;
  return isProcessRunning(worker);
}
