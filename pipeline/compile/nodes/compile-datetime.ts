import type { DrawPlan } from '../../plan.ts';
import type { DrawnAttributeConfig } from '../../schema/nodes/sampler-attribute.ts';
import type { YamlPath } from '../../yaml-source.ts';
import type { CompileContext } from '../compile-context.ts';

type DatetimePlan = Extract<DrawPlan, { kind: 'datetime' }>;

const DAY = 86_400_000;
const MILLISECONDS: Record<DatetimePlan['unit'], number> = { second: 1_000, minute: 60_000, hour: 3_600_000, day: DAY };
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:\d{2})?$/;

interface DatetimeParts {
  attribute: string;
  settings: Extract<DrawnAttributeConfig, { sampler: 'datetime' }>;
  path: YamlPath;
}

/** Bounds are moved inwards to whole units, so that each unit between them is as likely as any other. */
export function compileDatetime(context: CompileContext, { attribute, settings, path }: DatetimeParts): DatetimePlan {
  const { start, end } = settings;
  const unit = settings.unit ?? (settings.format === 'date' || (DATE.test(start) && DATE.test(end)) ? 'day' : 'second');
  const format = settings.format ?? (unit === 'day' ? 'date' : 'iso');
  const size = MILLISECONDS[unit];
  const first = readDate(context, { text: start, path: [...path, 'start'] });
  const last = readDate(context, { text: end, path: [...path, 'end'] });
  if (first === null || last === null) return { kind: 'datetime', from: 0, to: 0, unit, format };
  // A day as the end means until its last moment.
  const until = DATE.test(end) ? last + DAY - 1 : last;
  const [from, to] = [Math.ceil(first / size) * size, Math.floor(until / size) * size];
  if (from > to) {
    const message = `"${attribute}" finds no whole ${unit} from ${start} to ${end}`;
    context.report({ code: 'WRONG_VALUE', path: [...path, 'end'], message, hint: 'end is later than start.' });
  }
  return { kind: 'datetime', from, to, unit, format };
}

/** Epoch milliseconds; null where the text is no date, which has been reported. */
export function readDate(context: CompileContext, { text, path }: { text: string; path: YamlPath }): number | null {
  const [, date, time, zone] = TIME.exec(text) ?? [];
  const parsed = Date.parse(DATE.test(text) ? `${text}T00:00:00Z` : `${date}T${time}${zone ?? 'Z'}`);
  const day = text.slice(0, 10);
  // Date.parse takes 30 February for 1 March.
  const exists = !Number.isNaN(parsed) && new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
  if (exists) return parsed;
  context.report({ code: 'WRONG_VALUE', path, message: `"${text}" is no date`, hint: 'Write it such as 2025-01-31 or 2025-01-31T18:30:00Z.' });
  return null;
}
