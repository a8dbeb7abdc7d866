import type { MetricScale } from './quality-metrics.ts';
import type { QuantileSketch } from './quantile-sketch.ts';

export interface DisplayBin {
  from: number;
  to: number;
  /** All values in it, and of them those of accepted records. */
  count: number;
  accepted: number;
}

const BINS = 40;
/** What is beyond this share of all values goes into the last bin, where it lies far out. */
const NEARLY_ALL = 0.995;
const FAR_OUT = 1.5;
const STEPS = [1, 2, 2.5, 5, 10];

/**
 * Some forty bins with round edges over the values of a sketch; values in the last one may lie beyond
 * its end. Bins of `whole` numbers have the numbers in their middle. Counts add up to the sketches'.
 */
export function displayBins({ all, accepted }: { all: QuantileSketch; accepted: QuantileSketch }, scale: MetricScale): DisplayBin[] {
  if (all.count === 0) return [];
  const edges = scale === 'log' ? logEdges(all) : linearEdges(all, scale);
  const bins = edges.slice(1).map((to, index): DisplayBin => ({ from: edges[index]!, to, count: 0, accepted: 0 }));
  fill(bins, all, 'count');
  fill(bins, accepted, 'accepted');
  return bins;
}

function fill(bins: DisplayBin[], sketch: QuantileSketch, key: 'count' | 'accepted'): void {
  let place = 0;
  for (const [value, count] of sketch.entries()) {
    while (place < bins.length - 1 && value >= bins[place]!.to) place += 1;
    bins[place]![key] += count;
  }
}

function linearEdges(sketch: QuantileSketch, scale: 'share' | 'linear' | 'whole'): number[] {
  if (scale === 'share' && sketch.min >= 0 && sketch.max <= 1) return Array.from({ length: BINS + 1 }, (_, index) => index / BINS);
  const most = sketch.quantile(NEARLY_ALL);
  const end = sketch.max > most * FAR_OUT && most > sketch.min ? most : sketch.max;
  const start = sketch.min;
  const step = scale === 'whole' ? Math.max(1, Math.ceil(roundStep((end - start) / BINS))) : roundStep((end - start) / BINS || 1);
  const first = Math.floor(start / step);
  const count = Math.max(1, Math.floor(end / step) - first + 1);
  const shift = scale === 'whole' ? 0.5 : 0;
  return Array.from({ length: count + 1 }, (_, index) => round((first + index) * step - shift));
}

/** Ten bins for a factor of ten, five where the values go over more than five of these factors. */
function logEdges(sketch: QuantileSketch): number[] {
  const start = Math.max(sketch.min, 1e-6);
  const end = Math.max(sketch.max, start);
  const perTen = Math.log10(end / start) > 5 ? 5 : 10;
  const first = Math.floor(Math.log10(start) * perTen);
  const count = Math.max(1, Math.floor(Math.log10(end) * perTen) - first + 1);
  return Array.from({ length: count + 1 }, (_, index) => round(10 ** ((first + index) / perTen)));
}

function roundStep(rough: number): number {
  const unit = 10 ** Math.floor(Math.log10(rough));
  return (STEPS.find((step) => step * unit >= rough * 0.999) ?? 10) * unit;
}

function round(value: number): number {
  return Number(value.toPrecision(12));
}
