import type { SpokenTurn } from '../../analysis/example-text.ts';
import type { Distribution, MetricReport, QualityReport } from '../../analysis/quality-tally.ts';
import type { ValueCount } from '../../analysis/value-counts.ts';
import { shortNumber } from '../render/html/histogram.ts';
import { formatCount, printable } from '../render/format.ts';
import { renderTable, type Column } from '../render/table.ts';
import type { Colours } from '../terminal.ts';
import type { DiversityReport } from './measure-diversity.ts';
import type { FileCounts } from './tally-files.ts';

export interface FullReport extends QualityReport {
  files: FileCounts[];
  /** null: it was not asked for. */
  diversity: DiversityReport | null;
}

export const percentOf = (part: number, whole: number): string => (whole === 0 ? '-' : `${((part / whole) * 100).toFixed(1)} %`);

const right = (title: string): Column => ({ title, align: 'right' });

/** The report for a terminal. */
export function renderReport(report: FullReport, { colours, columns }: { colours: Colours; columns: number }): string {
  const { records, accepted, rejected, untagged, files } = report;
  const tagged = accepted + rejected;
  const unreadable = files.reduce((sum, file) => sum + file.unreadable, 0);
  const head = [
    `${colours.bold(formatCount(records))} records, ${colours.bold(formatCount(accepted))} accepted (${percentOf(accepted, tagged)}), ${formatCount(rejected)} rejected`,
    ...(untagged === 0 ? [] : [colours.yellow(`${formatCount(untagged)} have no quality tags and count nowhere below`)]),
    ...(unreadable === 0 ? [] : [colours.yellow(`${formatCount(unreadable)} rows could not be read`)]),
    ...files.map(({ file, records: count }) => colours.dim(`  ${printable(file, { oneLine: true })}: ${formatCount(count)}`)),
  ];
  const sections = [rules(report, colours, columns), metrics(report.metrics), values('Language', report.languages, tagged), values('Category', report.categories, tagged), values('Contents', report.contents, tagged), values('Scored by', report.scorers, tagged), judge(report), diversity(report.diversity)];
  return [head, ...sections.filter((lines) => lines.length > 0)].map((lines) => lines.join('\n')).join('\n\n');
}

function rules({ rules: list, accepted, rejected }: FullReport, colours: Colours, columns: number): string[] {
  if (list.length === 0) return [];
  const table = renderTable([{ title: 'Rejected by' }, right('records'), right('share'), right('by it alone')], list.map(({ rule, records, alone }) => [printable(rule, { oneLine: true, most: 40 }), formatCount(records), percentOf(records, accepted + rejected), formatCount(alone)]));
  const examples = list.flatMap(({ rule, examples: shown }) => [
    printable(rule, { oneLine: true, most: 40 }),
    ...shown.flatMap(({ file, row, reason, turns }) => [`  ${printable(`${file}:${row}  ${reason}`, { oneLine: true, most: columns - 2 })}`, colours.dim(`    ${printable(lastSaid(turns), { oneLine: true, most: columns - 4 })}`)]),
  ]);
  return [...table, '', ...examples];
}

/** Rules mostly reject answers. */
function lastSaid(turns: readonly SpokenTurn[]): string {
  const last = turns.at(-1);
  return last === undefined ? '(no turns)' : `${last.role}: ${last.text}`;
}

function metrics(list: readonly MetricReport[]): string[] {
  if (list.length === 0) return [];
  const cells = (distribution: Distribution | null): string[] => (distribution === null ? ['-', '-', '-'] : [distribution.p5, distribution.median, distribution.p95].map(shortNumber));
  const columns = [{ title: 'Distribution' }, right('records'), right('5 %'), right('median'), right('95 %'), right('accepted 5 %'), right('median'), right('95 %'), { title: 'limit' }];
  return renderTable(columns, list.map(({ title, all, accepted, limits }) => [title, formatCount(all.count), ...cells(all), ...cells(accepted), limitText(limits)]));
}

export function limitText(limits: MetricReport['limits']): string {
  return limits.map(({ value, keeps }) => `${keeps} ${shortNumber(value)}`).join(', ');
}

function values(title: string, list: readonly ValueCount[], tagged: number): string[] {
  if (list.length === 0) return [];
  const rows = list.map(({ value, all, accepted }) => [printable(value, { oneLine: true, most: 40 }), formatCount(all), percentOf(all, tagged), formatCount(accepted)]);
  return renderTable([{ title }, right('records'), right('share'), right('accepted')], rows);
}

function judge({ judge: report }: FullReport): string[] {
  if (report === null) return [];
  const isTwice = report.agreement !== null;
  const columns = [{ title: `Judge (${formatCount(report.records)} records)` }, right('mean'), ...['1', '2', '3', '4', '5'].map(right), ...(isTwice ? [right('kappa'), right('equal')] : [])];
  const agreed = (agreement: typeof report.agreement): string[] => (isTwice ? [kappaText(agreement?.kappa ?? null), agreement?.equal == null ? '-' : percentOf(agreement.equal, 1)] : []);
  const rows = report.dimensions.map(({ dimension, mean, scores, agreement }) => [dimension, meanText(mean), ...scores.map(formatCount), ...agreed(agreement)]);
  return renderTable(columns, [...rows, ['overall', meanText(report.overallMean), '', '', '', '', '', ...agreed(report.agreement)]]);
}

export const meanText = (mean: number | null): string => (mean === null ? '-' : mean.toFixed(2));
export const kappaText = (kappa: number | null): string => (kappa === null ? '-' : kappa.toFixed(3));

function diversity(report: DiversityReport | null): string[] {
  if (report === null) return [];
  const rows = [report.all, report.accepted].map((measured, index) => [index === 0 ? 'all' : 'accepted', formatCount(measured.texts), measured.vendi.toFixed(1), measured.nearest.toFixed(3)]);
  return renderTable([{ title: `Diversity (${report.model})` }, right('texts'), right('Vendi score'), right('distance to the nearest')], rows);
}
