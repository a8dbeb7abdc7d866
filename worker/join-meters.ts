import type { ActivityMeter } from '../activities/activity-meter.ts';

/** One meter that tells all those which are there. */
export function joinMeters(meters: (ActivityMeter | undefined)[]): ActivityMeter {
  const present = meters.filter((meter) => meter !== undefined);
  return {
    nodeStarted: (started) => present.forEach((meter) => meter.nodeStarted?.(started)),
    nodeDone: (done) => present.forEach((meter) => meter.nodeDone(done)),
    batchDone: (done) => present.forEach((meter) => meter.batchDone(done)),
  };
}
