import type { MetricScale } from './quality-metrics.ts';
import { LARGEST, SMALLEST, type QuantileSketch } from './quantile-sketch.ts';

export interface DisplayBin {
  from: number;
  to: number;
  /** All values in it, and of them those of accepted records. */
  count: number;
  accepted: number;
}

const BINS = 40;
/** What lies farther above the ninth tenth than this many times the width of the middle eight goes into the last bin. */
const FAR_OUT = 2;
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
  const [tenth, ninth] = [sketch.quantile(0.1), sketch.quantile(0.9)];
  const start = sketch.min;
  const fits = ninth === tenth || (scale === 'whole' && sketch.max - start < BINS);
  const end = fits ? sketch.max : Math.min(sketch.max, ninth + FAR_OUT * (ninth - tenth));
  const step = scale === 'whole' ? Math.max(1, Math.ceil(roundStep((end - start) / BINS))) : roundStep((end - start) / BINS || 1);
  const first = Math.floor(start / step);
  const count = Math.max(1, Math.floor(end / step) - first + 1);
  const shift = scale === 'whole' ? 0.5 : 0;
  return Array.from({ length: count + 1 }, (_, index) => round((first + index) * step - shift));
}

/** Up to twenty bins for a factor of ten; what is not above 1e-9 goes into the first. */
function logEdges(sketch: QuantileSketch): number[] {
  const start = sketch.entries().find(([value]) => value >= SMALLEST)?.[0] ?? 1;
  const end = Math.max(Math.min(sketch.max, LARGEST), start);
  const tens = Math.log10(end / start);
  const perTen = tens > 4 ? 5 : tens > 2 ? 10 : 20;
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
