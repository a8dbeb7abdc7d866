import { SyngraphError } from './errors.ts';
import { parseDeadline } from './parse-deadline.ts';
import type { ControlChange, ModelLimits, RunCaps, RunControl } from './run-control.ts';

const MODEL_LIMITS = ['concurrency', 'requestsPerMinute', 'tokensPerMinute'] as const;
/** As Temporal has it for its task queues. */
const LOWEST_PRIORITY = 5;
const RUN_LIMITS = ['concurrency', 'priority', 'budget', 'maxTokensTotal', 'deadline'] as const;

/**
 * The control of a run after a change.
 * @param now epoch milliseconds, for deadlines that are durations
 * @param models names that a change may be about
 * @throws SyngraphError USAGE
 */
export function changeControl(control: RunControl, change: ControlChange, { now, models }: { now: number; models: readonly string[] }): RunControl {
  const allowed: readonly string[] = change.model === undefined ? RUN_LIMITS : MODEL_LIMITS;
  const given = Object.entries(change).filter(([key, value]) => key !== 'model' && value !== undefined);
  if (given.length === 0) throw usage('nothing is to be changed', `Name at least one of ${allowed.join(', ')}.`);
  for (const [key, value] of given) {
    if (!allowed.includes(key)) {
      const whose = change.model === undefined ? 'the whole run' : 'one model';
      throw usage(`${key} is no limit of ${whose}`, `Limits of ${whose} are ${allowed.join(', ')}${change.model === undefined ? '; name a model for the others' : ''}.`);
    }
    checkNumber(key, value);
  }
  if (change.model !== undefined) return changeModel(control, change, models);
  const { concurrency, priority, budget, maxTokensTotal, deadline } = change;
  const caps = changed<RunCaps>(control.caps ?? {}, { budget, tokens: maxTokensTotal, deadline: typeof deadline === 'string' ? parseDeadline(deadline, now) : deadline });
  const next = changed<RunControl>(control, { concurrency, priority });
  delete next.caps;
  return Object.keys(caps).length === 0 ? next : { ...next, caps };
}

function changeModel(control: RunControl, { model = '', ...change }: ControlChange, models: readonly string[]): RunControl {
  if (!models.includes(model)) throw usage(`the run has no model ${JSON.stringify(model.slice(0, 100))}`, `Its models are ${models.join(', ') || 'none'}.`);
  const { concurrency, requestsPerMinute, tokensPerMinute } = change;
  const limits = changed<ModelLimits>(control.models?.[model] ?? {}, { concurrency, requestsPerMinute, tokensPerMinute });
  const { [model]: _, ...others } = control.models ?? {};
  const all = Object.keys(limits).length === 0 ? others : { ...others, [model]: limits };
  const { models: _models, ...rest } = control;
  return Object.keys(all).length === 0 ? rest : { ...rest, models: all };
}

/** null takes a key away, undefined leaves it. */
function changed<Limits extends object>(limits: Limits, change: { [Key in keyof Limits]?: Limits[Key] | null | undefined }): Limits {
  const entries = Object.entries({ ...limits, ...withoutUndefined(change) }).filter(([, value]) => value !== null);
  return Object.fromEntries(entries) as Limits;
}

function withoutUndefined(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function checkNumber(key: string, value: unknown): void {
  if (value === null || key === 'deadline') return;
  const isCount = key !== 'budget';
  if (key === 'priority' && (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > LOWEST_PRIORITY)) {
    throw usage(`priority cannot be ${JSON.stringify(value)}`, `Give a whole number from 1, before all others, to ${LOWEST_PRIORITY}.`);
  }
  if (typeof value === 'number' && value > 0 && Number.isFinite(value) && (!isCount || Number.isInteger(value))) return;
  throw usage(`${key} cannot be ${JSON.stringify(value)}`, isCount ? 'Give a whole number from 1 on.' : 'Give dollars above 0, e.g. 20 or 0.5.');
}

function usage(message: string, nextStep: string): SyngraphError {
  return new SyngraphError({ code: 'USAGE', message, nextStep });
}
