import type { PipelineInput } from './run-contract.ts';

/** Input of the workflow `scheduled`, which a Temporal Schedule starts whenever a run is due. */
export interface ScheduledInput {
  /** Id of the schedule; runs are named after it. */
  schedule: string;
  /** Of the pipeline, as it was when the schedule was made. */
  pipeline: string;
  /** IANA name; what `{date}` and `{time}` in the name of the output are read in. */
  timeZone: string;
  /** Of every run; its seed is added to the time at which a run is due. */
  input: PipelineInput;
}

/**
 * Id of the run that is due at a time, e.g. `nightly-20261121T020000Z`: it sorts by time, and the
 * same time gives the same run.
 */
export function scheduledRunId(schedule: string, at: Date): string {
  return `${schedule}-${at.toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
}

/** Each due time is another dataset, and the same one whenever it is run again. Seconds since 1970, and the seed that was asked for. */
export function scheduledSeed(seed: number | undefined, at: Date): number {
  return (seed ?? 0) + Math.floor(at.getTime() / 1000);
}

/**
 * The name of an output with `{date}` (2026-11-21), `{time}` (0200) and `{run}` filled in.
 * @param timeZone IANA name
 */
export function fillOutputName(name: string, { at, timeZone, run }: { at: Date; timeZone: string; run: string }): string {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const values: Record<string, string> = { date: `${parts.year}-${parts.month}-${parts.day}`, time: `${parts.hour}${parts.minute}`, run };
  return name.replaceAll(/\{(date|time|run)\}/g, (_, key: string) => values[key] ?? '');
}
