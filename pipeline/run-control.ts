import type { PauseCause } from './run-status.ts';
import type { RunReference } from './run-reference.ts';

/**
 * `control.json` of a run: what may be changed while it goes. Written by activities of the run's
 * workflow only, and followed by every worker that has work of the run.
 */
export interface RunControl {
  /** Activities of this epoch and of earlier ones start no call, and end. Absent: the run is not paused. */
  paused?: { epoch: number; cause: PauseCause };
  /** Calls in flight over all models, in each worker. Absent: as the run was started with. */
  concurrency?: number;
  /** 1 to 5, 1 before all others: calls of a run wait while a run of a smaller number has some. Absent: 3. */
  priority?: number;
  /** By model name. Absent: as the plan says. */
  models?: Record<string, ModelLimits>;
  /** Where the run stops of itself. */
  caps?: RunCaps;
}

/** Limits of one model; what is absent is as the plan says. */
export interface ModelLimits {
  /** Calls in flight, in each worker. */
  concurrency?: number;
  /** Over all workers, as the tokens are. */
  requestsPerMinute?: number;
  tokensPerMinute?: number;
}

/** Where a run stops of itself: no new calls, those in flight come back, and what is finished is written. */
export interface RunCaps {
  /** Dollars for answers, over all executions of the run. */
  budget?: number;
  /** Prompt and completion tokens, over all executions of the run. */
  tokens?: number;
  /** ISO 8601. */
  deadline?: string;
}

/** What the update `set` of a run's workflow takes; null takes a limit back to what the plan, or the start, says. */
export interface ControlChange {
  /** Whose limits; absent: those of the run. */
  model?: string;
  concurrency?: number | null;
  priority?: number | null;
  requestsPerMinute?: number | null;
  tokensPerMinute?: number | null;
  /** Dollars. */
  budget?: number | null;
  maxTokensTotal?: number | null;
  /** A time, or a duration from now on. */
  deadline?: string | null;
}

/** What the update and the signal `pause` of a run's workflow take. */
export interface PauseRequest {
  reason?: string;
  by?: string;
}

export interface ControlRunInput {
  run: RunReference;
  /** As it is to be, but for the change. */
  control: RunControl;
  change?: ControlChange;
}

/** Code of the cause when somebody has paused the run. */
export const PAUSED = 'PAUSED';

const CAPS: ReadonlySet<string> = new Set(['BUDGET_REACHED', 'TOKENS_REACHED', 'DEADLINE_REACHED']);

/** Whether a cause ends the run where it is, instead of pausing it. */
export function isCap(code: string): boolean {
  return CAPS.has(code);
}

/** What somebody who looks at the run should know of its control, a line each. */
export function describeControl({ concurrency, priority, models = {}, caps = {} }: RunControl): string[] {
  const limits = (name: string, { concurrency: calls, requestsPerMinute, tokensPerMinute }: ModelLimits): string[] => [
    ...(calls === undefined ? [] : [`${name}: ${calls} calls in flight per worker`]),
    ...(requestsPerMinute === undefined ? [] : [`${name}: ${requestsPerMinute} requests a minute`]),
    ...(tokensPerMinute === undefined ? [] : [`${name}: ${tokensPerMinute} tokens a minute`]),
  ];
  return [
    ...(concurrency === undefined ? [] : [`all models: ${concurrency} calls in flight per worker`]),
    ...(priority === undefined ? [] : [`priority ${priority}`]),
    ...Object.entries(models).flatMap(([name, model]) => limits(name, model)),
    ...(caps.budget === undefined ? [] : [`stops at $${caps.budget}`]),
    ...(caps.tokens === undefined ? [] : [`stops at ${caps.tokens} tokens`]),
    ...(caps.deadline === undefined ? [] : [`stops at ${caps.deadline}`]),
  ];
}
