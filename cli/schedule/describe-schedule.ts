import type { ScheduleDescription } from '@temporalio/client';
import type { ScheduledInput } from '../../pipeline/run-contract.ts';
import { scheduledRunId } from '../../pipeline/schedule-contract.ts';
import { formatDuration } from '../render/format.ts';

/** A schedule as it is shown, and as `--json` has it. */
export interface DescribedSchedule {
  id: string;
  pipeline: string;
  task: string;
  cron: string[];
  timeZone: string;
  overlap: string;
  catchUpSeconds: number;
  paused: boolean;
  note: string | null;
  /** What every run is started with. */
  input: ScheduledInput['input'];
  taken: number;
  skipped: number;
  missed: number;
  /** ISO 8601. */
  next: string[];
  /** The latest first. */
  recent: { due: string; run: string }[];
  running: number;
}

const SHOWN = 10;

/** On a terminal. */
const NEXT_SHOWN = 3;

export function describeSchedule({ scheduleId, action, policies, memo, state, info }: ScheduleDescription): DescribedSchedule {
  const [scheduled] = (action.args ?? []) as [ScheduledInput];
  return {
    id: scheduleId,
    pipeline: scheduled.pipeline,
    task: typeof memo?.task === 'string' ? memo.task : scheduled.pipeline,
    cron: Array.isArray(memo?.cron) ? memo.cron.map(String) : [],
    timeZone: scheduled.timeZone,
    overlap: (policies.overlap ?? 'SKIP').toLowerCase().replaceAll('_', '-'),
    catchUpSeconds: policies.catchupWindow / 1000,
    paused: state.paused,
    note: state.note ?? null,
    input: scheduled.input,
    taken: info.numActionsTaken,
    skipped: info.numActionsSkippedOverlap,
    missed: info.numActionsMissedCatchupWindow,
    next: state.paused ? [] : info.nextActionTimes.slice(0, SHOWN).map((time) => time.toISOString()),
    recent: info.recentActions
      .slice(-SHOWN)
      .reverse()
      .map(({ scheduledAt }) => ({ due: scheduledAt.toISOString(), run: scheduledRunId(scheduled.schedule, scheduledAt) })),
    running: info.runningActions.length,
  };
}

export function renderSchedule(schedule: DescribedSchedule): string[] {
  const { id, pipeline, task, cron, timeZone, overlap, catchUpSeconds, paused, note, input, taken, skipped, missed, next, recent } = schedule;
  const { planHash, task: _task, ...others } = input;
  return [
    `${id}: ${task}${paused ? ', paused' : ''}${note === null || note === '' ? '' : ` (${note})`}`,
    `  due          ${cron.join('; ')} (${timeZone})`,
    `  if it overlaps: ${overlap}; made up for if missed within ${formatDuration(catchUpSeconds)}`,
    `  plan         ${planHash === undefined ? 'compiled anew each time' : planHash}`,
    ...Object.entries(others).map(([key, value]) => `  ${key.padEnd(12)} ${JSON.stringify(value)}`),
    `  so far       ${taken} ${taken === 1 ? 'run' : 'runs'}, ${skipped} skipped since the one before was going, ${missed} missed`,
    ...(next.length === 0 ? [] : [`  next         ${next.slice(0, NEXT_SHOWN).join(', ')}`]),
    ...recent.map(({ due, run }) => `  was due      ${due}: ${pipeline}/${run}`),
  ];
}
