import type { DrawPlan } from '../../../pipeline/plan.ts';
import type { SeededStream } from './seeded-stream.ts';

type GaussianPlan = Extract<DrawPlan, { kind: 'gaussian' }>;

/** Between bounds that are further apart, most draws of the unbounded distribution lie inside. */
const WIDE = Math.sqrt(2 * Math.PI);

/** A normal number, between bounds where there are any. */
export function drawGaussian({ mean, deviation, low, high }: GaussianPlan, stream: SeededStream): number {
  const from = low === null ? -Infinity : (low - mean) / deviation;
  const to = high === null ? Infinity : (high - mean) / deviation;
  // Of two bounds on one side, the one nearer to the mean comes first.
  const standard = to < 0 ? -between(-to, -from, stream) : between(from, to, stream);
  return Math.min(Math.max(mean + deviation * standard, low ?? -Infinity), high ?? Infinity);
}

/**
 * A standard normal number between two bounds, by rejection from the proposal that fits them:
 * Robert, Simulation of truncated normal variables, Statistics and Computing 5 (1995). Every
 * proposal is taken with a chance of more than a fifth, wherever the bounds are.
 */
function between(from: number, to: number, stream: SeededStream): number {
  if (from <= 0) return to - from > WIDE ? fromNormal(from, to, stream) : fromUniform(from, to, { peak: 0, stream });
  const rate = (from + Math.sqrt(from ** 2 + 4)) / 2;
  return to - from < 1 / rate ? fromUniform(from, to, { peak: from, stream }) : fromExponential(from, to, { rate, stream });
}

function fromNormal(from: number, to: number, stream: SeededStream): number {
  for (;;) {
    const value = standardNormal(stream);
    if (value >= from && value <= to) return value;
  }
}

/** @param peak where between the bounds the density is highest */
function fromUniform(from: number, to: number, { peak, stream }: { peak: number; stream: SeededStream }): number {
  for (;;) {
    const value = from + (to - from) * stream.next();
    if (stream.next() < Math.exp((peak ** 2 - value ** 2) / 2)) return value;
  }
}

function fromExponential(from: number, to: number, { rate, stream }: { rate: number; stream: SeededStream }): number {
  for (;;) {
    const value = from - Math.log(1 - stream.next()) / rate;
    if (stream.next() < Math.exp(-((value - rate) ** 2) / 2) && value <= to) return value;
  }
}

/** Box and Muller, A note on the generation of random normal deviates, 1958. */
function standardNormal(stream: SeededStream): number {
  return Math.sqrt(-2 * Math.log(1 - stream.next())) * Math.cos(2 * Math.PI * stream.next());
}
