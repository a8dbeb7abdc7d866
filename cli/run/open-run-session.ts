import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { traceSettings } from '../../worker/traces/trace-settings.ts';
import { preloadWorkflowThread } from '../../worker/workflow-thread.ts';
import type { ServerHandle } from '../../worker/server/server-handle.ts';
import type { CommandContext } from '../context.ts';
import { openServer } from '../session/open-server.ts';
import type { Serving } from '../session/serve.ts';
import { loadServing, serve } from '../session/serve.ts';

const LAUNCH_MILLISECONDS = 300;

/** Server, client and a worker in this process: what a run in the foreground needs. */
export interface RunSession {
  /**
   * Resolves when the server no longer needs this process to boot, and after 0.3 s in any case,
   * when it may be downloading. Work that blocks the process before makes the server late.
   */
  launched: Promise<void>;
  /** As soon as the server answers, which is before the worker serves. */
  connected: Promise<{ server: ServerHandle; client: Client }>;
  serving: Promise<Serving>;
  /** Loads the worker's code in the background while the server starts. */
  preload(): void;
  /** Drains the worker and ends this use of the server, however far the session has come. */
  close: () => Promise<void>;
}

/**
 * Starts everything at once; the caller compiles the pipeline in the meantime.
 * @param options.worker false: other processes serve the run. Default true
 * @throws SyngraphError USAGE where OTEL_… variables ask for what there is not
 */
export function openRunSession(context: CommandContext, options: { worker?: boolean } = {}): RunSession {
  // What is wrong with the variables must be told before a run is begun that nobody serves.
  if (options.worker !== false) traceSettings(context.environment);
  const launch = new AbortController();
  const opening = openServer(context, { onLaunched: () => launch.abort() });
  const launched = sleep(LAUNCH_MILLISECONDS, undefined, { signal: launch.signal }).catch(() => undefined);
  void launched.then(preloadWorkflowThread);
  const connected = opening.then(({ server, client }) => ({ server, client }));
  const serving = opening.then(({ server, client }) =>
    // When the run is over, what is left in this worker's hands is that of other runs: its user does not wait for it.
    options.worker === false ? servedElsewhere() : serve(context, { server, client, taskRoots: [context.workingDirectory], graceMilliseconds: 0 }),
  );
  // The pipeline may turn out to be broken before anybody waits for these.
  for (const promise of [opening, connected, serving]) promise.catch(() => undefined);
  return {
    launched: Promise.race([launched, opening.then(() => undefined)]).catch(() => undefined),
    connected,
    serving,
    // What cannot be loaded is told by `serving`.
    preload: () => void (options.worker === false ? undefined : loadServing().catch(() => undefined)),
    async close() {
      const [server, worker] = await Promise.allSettled([opening, serving]);
      if (worker.status === 'fulfilled') await worker.value.stop();
      if (server.status === 'fulfilled') await server.value.close();
    },
  };
}

/** Nobody hears of the end of workers of other processes: the run waits for the next one. */
function servedElsewhere(): Serving {
  return { ended: new Promise<void>(() => undefined), runFollowed: () => undefined, stop: () => Promise.resolve() };
}
