import { html, type Html } from './html.ts';

export interface Bar {
  label: string;
  /** At least 0. */
  value: number;
  /** What of the value is drawn dark, the rest pale. Default: all of it. */
  part?: number;
  /** Behind the bar. Default: the value. */
  note?: string;
}

export interface BarChartOptions {
  title: string;
  /** What the values are, behind the title. */
  unit?: string;
  bars: readonly Bar[];
  /** What the end of the axis stands for. Default: the largest value. */
  most?: number;
}

const WIDTH = 640;
const ROW = 24;
const BAR_HEIGHT = 15;
/** Room for the longest note. */
const NOTES = 150;
const CHARACTER = 6.6;
const LONGEST_LABEL = 34;

/** Bars that lie, one under the other, as inline SVG; each has a text for readers and pointers. */
export function barChart({ title, unit, bars, most }: BarChartOptions): Html {
  const labels = bars.map(({ label }) => (label.length > LONGEST_LABEL ? `${label.slice(0, LONGEST_LABEL - 1)}…` : label));
  const left = Math.max(40, ...labels.map((label) => label.length * CHARACTER)) + 10;
  const largest = Math.max(most ?? 0, ...bars.map(({ value }) => value)) || 1;
  const room = WIDTH - left - NOTES;
  const length = (value: number): string => ((value / largest) * room).toFixed(1);
  const height = bars.length * ROW + 4;
  return html`<figure><figcaption>${title}${unit === undefined ? null : html` <span>${unit}</span>`}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}">
${bars.map(({ label, value, part = value, note = value.toLocaleString('en-US') }, index) => {
  const top = index * ROW + 4;
  return html`<g><title>${label}: ${note}</title>
<text class="label" x="${left - 8}" y="${top + 12}" text-anchor="end">${labels[index]}</text>
${part < value ? html`<rect class="second" x="${left}" y="${top}" width="${length(value)}" height="${BAR_HEIGHT}" rx="2"/>` : null}<rect class="first" x="${left}" y="${top}" width="${length(part)}" height="${BAR_HEIGHT}" rx="2"/>
<text x="${(left + Number(length(value)) + 8).toFixed(1)}" y="${top + 12}">${note}</text></g>
`;
})}</svg></figure>`;
}
