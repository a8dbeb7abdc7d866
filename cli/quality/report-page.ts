import type { DisplayBin } from '../../analysis/display-bins.ts';
import type { Distribution, MetricReport } from '../../analysis/quality-tally.ts';
import type { MetricScale } from '../../analysis/quality-metrics.ts';
import type { RuleReport } from '../../analysis/rejection-tally.ts';
import type { ValueCount } from '../../analysis/value-counts.ts';
import { formatCount } from '../render/format.ts';
import { shortNumber } from '../render/html/histogram.ts';
import { barChart, figures, histogram, html, htmlPage, htmlTable, type Html, type HtmlColumn, type PageSection } from '../render/html/page.ts';
import { kappaText, limitText, meanText, percentOf, type FullReport } from './render-report.ts';

const right = (title: string): HtmlColumn => ({ title, align: 'right' });
const KEY = html`<p class="key"><i class="first"></i>accepted<i class="second"></i>rejected</p>`;

/** The report as a page that stands alone. */
export function reportPage(report: FullReport, { title, madeAt }: { title: string; madeAt: Date }): string {
  const sections: (PageSection | null)[] = [
    { title: 'Records', body: [summary(report), filesTable(report)] },
    report.rules.length === 0 ? null : { title: 'Rejections', body: rejections(report) },
    report.metrics.length === 0 ? null : { title: 'Distributions', body: distributions(report.metrics) },
    { title: 'What it is', body: shares(report) },
    report.judge === null ? null : { title: 'Judge', body: judge(report) },
    report.diversity === null ? null : { title: 'Diversity', body: diversity(report) },
  ];
  return htmlPage({ title, subtitle: `syngraph quality report, ${madeAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`, sections: sections.filter((section) => section !== null) });
}

function summary({ records, accepted, rejected, untagged, files, judge: judged, diversity: measured }: FullReport): Html {
  const unreadable = files.reduce((sum, file) => sum + file.unreadable, 0);
  const tagged = accepted + rejected;
  return figures([
    { label: 'records', value: formatCount(records) },
    { label: 'accepted', value: formatCount(accepted), note: percentOf(accepted, tagged) },
    { label: 'rejected', value: formatCount(rejected), note: percentOf(rejected, tagged) },
    ...(untagged === 0 ? [] : [{ label: 'without tags', value: formatCount(untagged), note: 'count nowhere below' }]),
    ...(unreadable === 0 ? [] : [{ label: 'rows could not be read', value: formatCount(unreadable) }]),
    ...(judged === null ? [] : [{ label: 'mean score of the judge', value: meanText(judged.overallMean), note: `${formatCount(judged.records)} judged` }]),
    ...(measured === null ? [] : [{ label: 'Vendi score', value: measured.accepted.vendi.toFixed(1), note: `${formatCount(measured.accepted.texts)} accepted texts` }]),
  ]);
}

function filesTable({ files }: FullReport): Html {
  const columns = [{ title: 'File' }, right('records'), right('accepted'), right('rejected'), right('without tags'), right('unreadable')];
  return htmlTable(columns, files.map(({ file, ...counts }) => [file, ...[counts.records, counts.accepted, counts.rejected, counts.untagged, counts.unreadable].map(formatCount)]));
}

function rejections({ rules, accepted, rejected }: FullReport): Html[] {
  const note = ({ records, alone }: RuleReport): string => `${formatCount(records)} · ${percentOf(records, accepted + rejected)}${alone === records ? '' : ` · ${formatCount(alone)} alone`}`;
  const chart = barChart({ title: 'Records rejected by rule', unit: 'a record may be rejected by several; dark: by this one alone', bars: rules.map((rule) => ({ label: rule.rule, value: rule.records, part: rule.alone, note: note(rule) })) });
  const examples = rules.filter((rule) => rule.examples.length > 0).map(({ rule, examples: shown }) => html`<h3>${rule}</h3>
${shown.map(({ file, row, reason, turns }) => html`<p>${reason} <span class="muted">${file}, record ${formatCount(row)}</span></p><pre>${turns.map(({ role, text }) => html`<span class="muted">${role}:</span> ${text}
`)}</pre>
`)}`);
  return [chart, ...examples];
}

function distributions(metrics: readonly MetricReport[]): Html[] {
  const cells = (distribution: Distribution | null): string[] => (distribution === null ? ['-', '-', '-', '-'] : [distribution.p5, distribution.median, distribution.p95, distribution.mean].map(shortNumber));
  const columns = [{ title: '' }, right('records'), ...['5 %', 'median', '95 %', 'mean'].map(right), right('accepted'), ...['5 %', 'median', '95 %', 'mean'].map(right), { title: 'limit' }];
  const rows = metrics.map(({ title, all, accepted, limits }) => [title, formatCount(all.count), ...cells(all), formatCount(accepted?.count ?? 0), ...cells(accepted), limitText(limits)]);
  return [KEY, html`<div class="charts">${metrics.map(chartOf)}</div>`, html`<h3>Before and after</h3>`, htmlTable(columns, rows)];
}

function chartOf({ title, scale, bins, limits, all }: MetricReport): Html {
  const last = bins.length - 1;
  const isOpen = scale !== 'log' && all.max > (bins.at(-1)?.to ?? 0);
  const whole = scale === 'whole';
  const name = ({ from, to }: DisplayBin): string => (whole ? wholeName(from, to) : `${shortNumber(from)} to ${shortNumber(to)}`);
  const ticks = ticksOf(scale, bins);
  return histogram({
    title,
    note: `median ${shortNumber(all.median)}, ${shortNumber(all.min)} to ${shortNumber(all.max)}`,
    bins: bins.map((bin, index) => ({ from: bin.from, to: bin.to, count: bin.count, part: bin.accepted, label: index === last && isOpen ? `${shortNumber(whole ? Math.ceil(bin.from) : bin.from)} and more` : name(bin) })),
    thresholds: limits.map(({ value, keeps }) => ({ value: whole ? value + (keeps === 'at least' ? -0.5 : 0.5) : value, label: `${keeps} ${shortNumber(value)}` })),
    partName: 'accepted',
    scale: scale === 'log' ? 'log' : 'linear',
    ...(ticks === undefined ? {} : { ticks }),
  });
}

function ticksOf(scale: MetricScale, bins: readonly DisplayBin[]): number[] | undefined {
  if (scale === 'whole') return wholeTicks(bins);
  if (scale === 'log') return logTicks(bins);
  return scale === 'share' && bins.at(-1)?.to === 1 ? [0, 0.2, 0.4, 0.6, 0.8, 1] : undefined;
}

function wholeName(from: number, to: number): string {
  const [first, last] = [Math.ceil(from), Math.floor(to)];
  return first === last ? String(first) : `${first} to ${last}`;
}

function wholeTicks(bins: readonly DisplayBin[]): number[] {
  const every = Math.max(1, Math.ceil(bins.length / 10));
  return bins.filter((_, index) => index % every === 0).map(({ from }) => Math.ceil(from));
}

/** 1, 10, 100 …; with 2 and 5 between them where there are few. */
function logTicks(bins: readonly DisplayBin[]): number[] {
  const [from, to] = [bins[0]?.from ?? 1, bins.at(-1)?.to ?? 1];
  const powers = Array.from({ length: 40 }, (_, index) => 10 ** (index - 10));
  const within = (list: number[]): number[] => list.filter((value) => value >= from * 0.999 && value <= to * 1.001);
  const tens = within(powers);
  return tens.length > 3 ? tens : within(powers.flatMap((power) => [power, 2 * power, 5 * power]));
}

function shares({ languages, categories, contents, scorers }: FullReport): Html[] {
  const chart = (title: string, list: readonly ValueCount[]): Html[] =>
    list.length === 0 ? [] : [barChart({ title, unit: 'records', bars: list.map(({ value, all, accepted }) => ({ label: value, value: all, part: accepted, note: `${formatCount(all)}${accepted === all ? '' : ` · ${formatCount(accepted)} accepted`}` })) })];
  return [KEY, html`<div class="charts">${[...chart('Languages', languages), ...chart('Categories', categories), ...chart('Contents', contents), ...chart('Scored by', scorers)]}</div>`];
}

function judge({ judge: report }: FullReport): Html[] {
  if (report === null) return [];
  const isTwice = report.agreement !== null;
  const columns = [{ title: 'Dimension' }, right('records'), right('mean'), ...['1', '2', '3', '4', '5'].map(right), ...(isTwice ? [right('kappa'), right('equal'), right('mean distance')] : [])];
  const agreed = (agreement: typeof report.agreement): string[] => (isTwice ? [kappaText(agreement?.kappa ?? null), agreement?.equal == null ? '-' : percentOf(agreement.equal, 1), agreement?.meanDistance == null ? '-' : agreement.meanDistance.toFixed(2)] : []);
  const rows = report.dimensions.map(({ dimension, records, mean, scores, agreement }) => [dimension.replaceAll('_', ' '), formatCount(records), meanText(mean), ...scores.map(formatCount), ...agreed(agreement)]);
  const charts = report.dimensions.filter(({ records }) => records > 0).map(({ dimension, mean, scores }) => barChart({ title: dimension.replaceAll('_', ' '), unit: `mean ${meanText(mean)}`, bars: scores.map((value, index) => ({ label: String(index + 1), value, note: formatCount(value) })) }));
  const words = isTwice ? html`<p>Two judges agree with a quadratically weighted kappa of <strong>${kappaText(report.agreement?.kappa ?? null)}</strong> over all dimensions (1: always, 0: as by chance).</p>` : null;
  return [html`${words}`, htmlTable(columns, rows), html`<div class="charts">${charts}</div>`];
}

function diversity({ diversity: report }: FullReport): Html[] {
  if (report === null) return [];
  const rows = [report.all, report.accepted].map(({ texts, vendi, nearest }, index) => [index === 0 ? 'all' : 'accepted', formatCount(texts), vendi.toFixed(1), nearest.toFixed(3)]);
  const columns = [{ title: `Sample, by ${report.model}` }, right('texts'), right('Vendi score'), right('mean distance to the nearest')];
  return [htmlTable(columns, rows), html`<p class="muted">The Vendi score says how many different texts there seem to be; the distance is 0 where each text has a double.</p>`];
}
