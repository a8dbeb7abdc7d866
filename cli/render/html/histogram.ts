import { html, type Html } from './html.ts';

export interface HistogramBin {
  /** Where the bin begins and ends on the axis. */
  from: number;
  to: number;
  count: number;
  /** What of the count is drawn dark, the rest pale. Default: all of it. */
  part?: number;
  /** What the bin holds, in words. Default: from where to where. */
  label?: string;
}

export interface Threshold {
  value: number;
  /** Beside the line, e.g. `at least 0.30`. */
  label: string;
}

export interface HistogramOptions {
  title: string;
  /** Behind the title, e.g. the median. */
  note?: string;
  /** In order, without gaps. */
  bins: readonly HistogramBin[];
  /** Lines across; those outside the bins stand at the edge. */
  thresholds?: readonly Threshold[];
  /** What is drawn dark, for the texts of bars, e.g. `accepted`. Default: of this kind. */
  partName?: string;
  /** `log`: equal factors have equal room; all edges are above 0 then. Default linear. */
  scale?: 'linear' | 'log';
  /** Places of the axis that have a number. Default: six at most, at edges of bins. */
  ticks?: readonly number[];
  /** A number of the axis. Default: three digits. */
  format?: (value: number) => string;
}

const WIDTH = 640;
const LEFT = 52;
const RIGHT = 14;
const TOP = 26;
const HEIGHT = 150;
const BOTTOM = 24;
/** A number of the axis that stands nearer to the right edge than this would be cut off. */
const EDGE = 24;

/** Upright bars over a number axis, as inline SVG. */
export function histogram({ title, note, bins, thresholds = [], partName = 'of this kind', scale = 'linear', ticks, format = shortNumber }: HistogramOptions): Html {
  const place = (value: number): number => (scale === 'log' ? Math.log(value) : value);
  const first = place(bins[0]?.from ?? 0);
  const last = place(bins.at(-1)?.to ?? 1);
  const x = (value: number): number => LEFT + Math.min(1, Math.max(0, (place(value) - first) / (last - first || 1))) * (WIDTH - LEFT - RIGHT);
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const tall = (count: number): number => (count / most) * HEIGHT;
  const base = TOP + HEIGHT;
  return html`<figure><figcaption>${title}${note === undefined ? null : html` <span>${note}</span>`}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${base + BOTTOM}" role="img" aria-label="${title}">
<line class="axis" x1="${LEFT}" y1="${base}" x2="${WIDTH - RIGHT}" y2="${base}"/>
<line class="axis" x1="${LEFT}" y1="${TOP}" x2="${WIDTH - RIGHT}" y2="${TOP}"/>
<text x="${LEFT - 6}" y="${TOP + 4}" text-anchor="end">${shortNumber(most)}</text><text x="${LEFT - 6}" y="${base + 4}" text-anchor="end">0</text>
${bins.map((bin) => barOf(bin, { left: x(bin.from), right: x(bin.to), base, tall, format, partName }))}${(ticks === undefined || ticks.length === 0 ? ticksOf(bins) : ticks).map((value) => html`<text x="${x(value).toFixed(1)}" y="${base + 17}" text-anchor="${x(value) > WIDTH - RIGHT - EDGE ? 'end' : 'middle'}">${format(value)}</text>
`)}${thresholds.map((threshold, index) => lineOf(threshold, { at: x(threshold.value), base, index }))}</svg></figure>`;
}

interface BarPlace {
  left: number;
  right: number;
  base: number;
  tall: (count: number) => number;
  format: (value: number) => string;
  partName: string;
}

function barOf({ from, to, count, part = count, label }: HistogramBin, at: BarPlace): Html {
  if (count === 0) return html``;
  const width = Math.max(0.5, at.right - at.left - 1).toFixed(1);
  const rect = (name: string, size: number): Html => html`<rect class="${name}" x="${at.left.toFixed(1)}" y="${(at.base - size).toFixed(1)}" width="${width}" height="${size.toFixed(1)}"/>`;
  const said = `${label ?? `${at.format(from)} to ${at.format(to)}`}: ${count.toLocaleString('en-US')}${part === count ? '' : `, of them ${part.toLocaleString('en-US')} ${at.partName}`}`;
  return html`<g><title>${said}</title>${part < count ? rect('second', at.tall(count)) : null}${rect('first', at.tall(part))}</g>
`;
}

/** Labels of several lines stand one under the other, on the side that has room. */
function lineOf({ label }: Threshold, { at, base, index }: { at: number; base: number; index: number }): Html {
  const isRight = at > WIDTH / 2;
  const y = 12 + (index % 2) * 13 - (index % 2 === 0 ? 0 : 1);
  return html`<line class="threshold" x1="${at.toFixed(1)}" y1="${y - 8}" x2="${at.toFixed(1)}" y2="${base}"/><text class="threshold-label" x="${(at + (isRight ? -5 : 5)).toFixed(1)}" y="${y}" text-anchor="${isRight ? 'end' : 'start'}">${label}</text>
`;
}

const MOST_TICKS = 6;

function ticksOf(bins: readonly HistogramBin[]): number[] {
  const edges = [...bins.map(({ from }) => from), ...bins.slice(-1).map(({ to }) => to)];
  const step = Math.max(1, Math.ceil((edges.length - 1) / MOST_TICKS));
  return edges.filter((_, index) => index % step === 0);
}

/** Three digits: 0.305, 12.4, 1.2k. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${trimmed(value / 1e6)}M`;
  if (size >= 1e4) return `${trimmed(value / 1e3)}k`;
  return size >= 1000 ? String(Math.round(value)) : trimmed(value);
}

function trimmed(value: number): string {
  return String(Number(value.toPrecision(3)));
}
