import type { JsonObject, JsonValue } from '../../../pipeline/json.ts';
import type { DrawPlan } from '../../../pipeline/plan.ts';
import { chooseWeighted } from './choose-weighted.ts';
import { drawGaussian } from './draw-gaussian.ts';
import { drawPoisson } from './draw-poisson.ts';
import { drawUuid } from './draw-uuid.ts';
import type { SeededStream } from './seeded-stream.ts';

type ValueDrawPlan = Exclude<DrawPlan, { kind: 'person' }>;

/** Milliseconds. */
const UNITS = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * One value of an attribute.
 * @param state of the record, with the attributes that were drawn before
 * @returns undefined where a subcategory has no values for the record's category
 */
export function drawValue(plan: ValueDrawPlan, stream: SeededStream, state: JsonObject): JsonValue | undefined {
  switch (plan.kind) {
    case 'subcategory': {
      const category = categoryText(state[plan.of]);
      const list = Object.hasOwn(plan.values, category) ? plan.values[category] : undefined;
      return list && chooseWeighted(list.values, list.weights, stream.next());
    }
    case 'uniform':
      return drawUniform(plan, stream);
    case 'gaussian':
      return rounded(drawGaussian(plan, stream), plan.decimals);
    case 'poisson':
      return drawPoisson(plan.mean, stream);
    case 'datetime':
      return drawDatetime(plan, stream);
    case 'uuid':
      return `${plan.prefix}${drawUuid(stream)}`;
  }
}

/** How the category of a record is written as a key of `values`. */
export function categoryText(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

/** With decimal places each number that can be written with them is as likely as any other, both bounds included. */
function drawUniform({ low, high, decimals }: Extract<DrawPlan, { kind: 'uniform' }>, stream: SeededStream): number {
  if (decimals === null) return low + (high - low) * stream.next();
  const scale = 10 ** decimals;
  const first = Math.ceil(low * scale);
  const count = Math.floor(high * scale) - first + 1;
  return rounded((first + Math.floor(stream.next() * count)) / scale, decimals);
}

function drawDatetime({ from, to, unit, format }: Extract<DrawPlan, { kind: 'datetime' }>, stream: SeededStream): string {
  const size = UNITS[unit];
  const time = from + size * Math.floor(stream.next() * ((to - from) / size + 1));
  const text = new Date(time).toISOString();
  return format === 'date' ? text.slice(0, 10) : `${text.slice(0, 19)}Z`;
}

function rounded(value: number, decimals: number | null): number {
  // Adding 0 turns -0, which JSON writes as 0, into what is read back.
  return decimals === null ? value : Number(value.toFixed(decimals)) + 0;
}
