import type { ScheduleOptions } from '@temporalio/client';
import { SyngraphError } from '../../pipeline/errors.ts';
import { parseDuration } from '../../pipeline/parse-deadline.ts';
import { TASK_QUEUE, WORKFLOW_TYPES, type PipelineInput, type ScheduledInput } from '../../pipeline/run-contract.ts';
import { DEFAULT_CATCH_UP, OVERLAP_POLICIES, type OverlapName } from './schedule-policies.ts';

export interface ScheduleFlags {
  cron: string[];
  timeZone?: string;
  id?: string;
  overlap?: OverlapName;
  catchUp?: string;
  paused?: boolean;
  /** Compile the task anew each time instead of keeping the plan of now. */
  recompile?: boolean;
}

/** The Temporal Schedule of a pipeline. @throws SyngraphError USAGE */
export function scheduleOptions(options: { flags: ScheduleFlags; pipeline: string; task: string; input: PipelineInput; localZone: string }): ScheduleOptions {
  const { flags, pipeline, task, localZone } = options;
  const { planHash: _plan, runId: _run, ...withoutPlan } = options.input;
  const { runId: _id, ...withPlan } = options.input;
  const timeZone = checkTimeZone(flags.timeZone ?? localZone);
  const cron = flags.cron.map(checkCron);
  const schedule = checkId(flags.id ?? pipeline);
  const scheduled: ScheduledInput = { schedule, pipeline, timeZone, input: checkOutput(flags.recompile === true ? withoutPlan : withPlan) };
  return {
    scheduleId: schedule,
    spec: { cronExpressions: cron, timezone: timeZone },
    action: { type: 'startWorkflow', workflowType: WORKFLOW_TYPES.scheduled, workflowId: `${pipeline}/scheduled/${schedule}`, taskQueue: TASK_QUEUE, args: [scheduled], staticSummary: `${task}, by schedule ${schedule}` },
    policies: { overlap: OVERLAP_POLICIES[flags.overlap ?? 'skip'], catchupWindow: catchUpOf(flags.catchUp ?? DEFAULT_CATCH_UP) },
    // The server keeps the times that the expressions stand for, not their text.
    memo: { task, cron: cron },
    state: { paused: flags.paused === true },
  };
}

/** One file for all nights would lose each but the last. */
function checkOutput(input: PipelineInput): PipelineInput {
  const { output } = input;
  if (output === undefined || /\{(date|time|run)\}/.test(output)) return input;
  throw new SyngraphError({
    code: 'USAGE',
    message: `every run of the schedule would write over ${output}`,
    nextStep: 'Put {date}, {time} or {run} into the name, e.g. out/quiz-{date}.jsonl.',
  });
}

function checkCron(cron: string): string {
  if (/^@(yearly|monthly|weekly|daily|hourly)$/.test(cron) || /^(\S+\s+){4,6}\S+$/.test(cron.trim())) return cron.trim();
  throw new SyngraphError({ code: 'USAGE', message: `${JSON.stringify(cron)} is no cron expression`, nextStep: 'Give minute, hour, day, month and weekday, e.g. "0 2 * * *" for two at night, or @daily.' });
}

function checkTimeZone(timeZone: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return timeZone;
  } catch {
    throw new SyngraphError({ code: 'USAGE', message: `there is no time zone ${JSON.stringify(timeZone)}`, nextStep: 'Give an IANA name such as UTC or Europe/Berlin.' });
  }
}

function checkId(id: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/.test(id)) return id;
  throw new SyngraphError({ code: 'USAGE', message: `${JSON.stringify(id.slice(0, 80))} cannot be the id of a schedule`, nextStep: 'Use at most 60 letters, digits, dots, dashes and underscores; --id names it.' });
}

function catchUpOf(text: string): number {
  const milliseconds = parseDuration(text);
  // Temporal takes 10 seconds for anything less.
  if (milliseconds !== null && milliseconds >= 10_000) return milliseconds;
  throw new SyngraphError({ code: 'USAGE', message: `${JSON.stringify(text)} is no catch-up window`, nextStep: 'Give a duration from 10s on, e.g. 10m or 1h.' });
}
