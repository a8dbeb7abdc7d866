/** A gap between two ticks of this length means that the process was stopped, or the machine slept. */
const GAP_MILLISECONDS = 10_000;

const TICK_MILLISECONDS = 1_000;

/** For so long after a standstill, tasks may still arrive that were handed to us while it lasted. */
const AFTERMATH_MILLISECONDS = 5_000;

let tickedAt = Date.now();
let endedAt = 0;

function tick(): void {
  const now = Date.now();
  if (now - tickedAt > GAP_MILLISECONDS) endedAt = now;
  tickedAt = now;
}

setInterval(tick, TICK_MILLISECONDS).unref();

/**
 * Whether this process has just come back from a standstill. The server goes on handing tasks to
 * its open polls meanwhile: such a task may have been given to another worker since.
 */
export function isBackFromStandstill(): boolean {
  tick();
  return Date.now() - endedAt < AFTERMATH_MILLISECONDS;
}
