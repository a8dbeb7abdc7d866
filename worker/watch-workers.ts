import type { Client } from '@temporalio/client';
import type { Logger } from '@temporalio/common';
import { failDeadAttempts } from './revive-run.ts';
import type { WorkerRegistry } from './worker-registry.ts';

/** How soon the death of a neighbour is noticed. */
const INTERVAL_MILLISECONDS = 500;

/** The server lists workflows some time after they have begun: a second look finds the last ones. */
const SECOND_LOOK_MILLISECONDS = 1_500;

export interface WorkerWatch {
  /** Takes this worker off the list. */
  stop(): Promise<void>;
}

/**
 * Puts this worker on the list of its machine, and sees to it that what a killed neighbour had in
 * hand is given to others at once, instead of after its heartbeat timeout. Workers of other machines
 * are left to that timeout: their death cannot be proven here.
 */
export async function watchWorkers(options: { registry: WorkerRegistry; identity: string; client: Client; logger: Logger }): Promise<WorkerWatch> {
  const { registry, identity, client, logger } = options;
  await quietly(registry.announce(identity));
  let isLooking = false;
  const seconds = new Set<NodeJS.Timeout>();

  async function revive(): Promise<void> {
    const { failedAttempts } = await failDeadAttempts({ client });
    if (failedAttempts > 0) logger.info(`gave ${failedAttempts} attempts of killed workers to others`);
  }

  async function look(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    try {
      const dead = await registry.takeDead();
      if (dead.length === 0) return;
      logger.info(`workers were killed: ${dead.join(', ')}`);
      const second = setTimeout(() => void quietly(revive()).then(() => seconds.delete(second)), SECOND_LOOK_MILLISECONDS);
      seconds.add(second);
      await revive();
    } finally {
      isLooking = false;
    }
  }

  /** What fails here costs time, not work: the server's timeouts do the same later. */
  async function quietly(work: Promise<void>): Promise<void> {
    await work.catch((error: unknown) => {
      logger.info('could not look after killed workers', { error });
    });
  }

  const timer = setInterval(() => void quietly(look()), INTERVAL_MILLISECONDS).unref();
  return {
    async stop() {
      clearInterval(timer);
      for (const second of seconds) clearTimeout(second);
      await registry.retract(identity);
    },
  };
}
