import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

let own: string | undefined;

/**
 * The machine, or container, within which process ids mean something: `<hostname>~<8 hex digits>`.
 * Machines may share a name, and containers share a machine: on Linux the digits tell boots of the
 * kernel and process id namespaces apart. Elsewhere it is the hostname alone.
 */
export function machineName(): string {
  return (own ??= [hostname().replaceAll(':', '_'), ...processSpace()].join('~'));
}

function processSpace(): string[] {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const namespace = readlinkSync('/proc/self/ns/pid');
    return [createHash('sha256').update(`${boot} ${namespace}`).digest('hex').slice(0, 8)];
  } catch {
    // Not Linux, or /proc is closed to us.
    return [];
  }
}
