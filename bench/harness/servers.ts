import { readdirSync } from 'node:fs';
import { commandOf } from './processes.ts';

/** Temporal servers whose database lies in the folder. */
export function serversOf(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => commandOf(pid).includes('server start-dev') && commandOf(pid).includes(folder));
}

export function killServersOf(folder: string): void {
  for (const pid of serversOf(folder)) process.kill(pid, 'SIGKILL');
}
