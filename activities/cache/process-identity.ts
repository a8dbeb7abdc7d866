import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * A process that cannot be mistaken for a later one that was given the same pid. `startTime` is an
 * opaque text: clock ticks since boot on Linux, `ps` output elsewhere.
 */
export interface ProcessIdentity {
  pid: number;
  startTime: string;
}

let own: ProcessIdentity | undefined;

/** This process. */
export function ownProcess(): ProcessIdentity {
  own ??= { pid: process.pid, startTime: processStartTime(process.pid) ?? 'unknown' };
  return own;
}

/** When a process started; null when none has this pid. A zombie has ended and counts as none. */
export function processStartTime(pid: number): string | null {
  return process.platform === 'linux' ? startTimeFromProc(pid) : startTimeFromPs(pid);
}

/** Whether exactly this process still runs. */
export function isProcessRunning(identity: ProcessIdentity): boolean {
  return processStartTime(identity.pid) === identity.startTime;
}

function startTimeFromProc(pid: number): string | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // ENOENT is the kernel's way of saying that there is no such process.
    return null;
  }
  // The command, field 2, may hold blanks and parentheses: count fields after its last parenthesis.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  return state === 'Z' || state === 'X' ? null : (fields[19] ?? null);
}

function startTimeFromPs(pid: number): string | null {
  try {
    const [state, ...rest] = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim().split(/\s+/);
    return state === undefined || state.startsWith('Z') ? null : rest.join('-').replaceAll(':', '.');
  } catch {
    // ps ends with status 1 when no process matches.
    return null;
  }
}
