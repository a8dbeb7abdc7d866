/** Milliseconds of computing after which heartbeats and other batches get their turn. */
const LONGEST_MILLISECONDS = 20;

/** Called between pieces of long computing: gives way from time to time, and stops where the signal says so. */
export type Breathe = () => Promise<void> | undefined;

/** @param signal rejects the next breath with its reason */
export function createBreath(signal: AbortSignal): Breathe {
  let started = performance.now();
  return () => {
    if (performance.now() - started < LONGEST_MILLISECONDS) return undefined;
    return new Promise((resolve, reject) => {
      setImmediate(() => {
        started = performance.now();
        if (signal.aborted) reject(signal.reason as Error);
        else resolve();
      });
    });
  };
}
