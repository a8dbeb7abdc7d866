import { Runtime, type Logger } from '@temporalio/worker';

let isInstalled = false;

/**
 * Has Temporal's runtime of this process log through ours. Call it before the first worker or
 * native connection; further calls change nothing, since a process has one runtime.
 */
export function installRuntime(logger: Logger): void {
  if (isInstalled) return;
  isInstalled = true;
  Runtime.install({
    logger,
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } },
    // The command decides what Ctrl-C does, not the runtime.
    shutdownSignals: [],
  });
}
