import type { JsonValue } from '../../pipeline/json.ts';
import type { ComparedFigure } from '../compare/figures-of-runs.ts';
import type { RowComparison } from '../compare/compare-rows.ts';
import { formatCost, formatCount, printable } from './format.ts';
import { htmlPage, htmlTable, html, type Html } from './html/page.ts';
import { formatSeconds, percent } from './report/figures.ts';
import { renderTable } from './table.ts';

export interface ComparedRuns {
  /** `<pipeline>/<run>` each. */
  runs: [string, string];
  figures: ComparedFigure[];
  rows: RowComparison;
}

const MOST_SHOWN = 400;

export function comparisonLines({ runs, figures, rows }: ComparedRuns): string[] {
  const right = (title: string): { title: string; align: 'right' } => ({ title, align: 'right' });
  const table = renderTable(
    [{ title: '' }, { title: '' }, ...runs.map(right), right('change')],
    figures.map((figure) => [figure.group, figure.title, ...figure.values.map((value) => formatFigure(figure, value)), changeOf(figure)].map((text) => printable(text, { oneLine: true, most: 60 }))),
  );
  const examples = rows.examples.flatMap(({ id, differing }) => [
    '',
    `record ${printable(id, { oneLine: true, most: 100 })}`,
    ...differing.flatMap(({ key, values }) => values.map((value, index) => `  ${index === 0 ? '-' : '+'} ${printable(key, { oneLine: true, most: 40 })}: ${printable(textOf(value), { oneLine: true, most: MOST_SHOWN })}`)),
  ]);
  return [...table, '', ...rowLines(rows), ...examples];
}

export function comparisonPage({ runs, figures, rows }: ComparedRuns): string {
  const groups = [...new Set(figures.map(({ group }) => group))];
  const number = (title: string): { title: string; align: 'right' } => ({ title, align: 'right' });
  const columns = [{ title: '' }, { title: '' }, ...runs.map(number), number('change')];
  const body = groups.flatMap((group) => figures.filter((figure) => figure.group === group).map((figure) => [group, figure.title, ...figure.values.map((value) => formatFigure(figure, value)), changeOf(figure)]));
  const example = ({ id, differing }: RowComparison['examples'][number]): Html => html`<h3>${id}</h3>${htmlTable([{ title: 'key' }, ...runs.map((title) => ({ title }))], differing.map(({ key, values }) => [key, ...values.map((value) => printable(textOf(value), { most: 10 * MOST_SHOWN }))]))}`;
  return htmlPage({
    title: `${runs[0]} and ${runs[1]}`,
    sections: [
      { title: 'Figures', body: htmlTable(columns, body) },
      { title: 'Rows', body: [...rowLines(rows).map((line) => html`<p>${line}</p>`), ...rows.examples.map(example)] },
    ],
  });
}

function rowLines({ common, same, onlyFirst, onlySecond, isPart }: RowComparison): string[] {
  return [
    `${formatCount(common)} source records have rows in both${common === 0 ? '' : `: ${formatCount(same)} the same, ${formatCount(common - same)} different`}; ${formatCount(onlyFirst)} only in the first${isPart ? '' : `, ${formatCount(onlySecond)} only in the second`}.`,
    ...(isPart ? [`Only the first ${formatCount(common + onlyFirst)} rows of the first run were compared.`] : []),
  ];
}

function formatFigure({ unit }: ComparedFigure, value: number | null): string {
  if (value === null) return '-';
  if (unit === 'count') return formatCount(value);
  if (unit === 'dollars') return formatCost(value);
  if (unit === 'seconds') return formatSeconds(value);
  return unit === 'share' ? percent(value) : value.toPrecision(3);
}

/** Empty where there is nothing to reckon with. */
function changeOf({ values: [first, second] }: ComparedFigure): string {
  if (first === null || second === null || first === second) return '';
  if (first === 0) return 'new';
  const change = ((second - first) / Math.abs(first)) * 100;
  return `${change > 0 ? '+' : ''}${Math.abs(change) >= 100 ? Math.round(change) : change.toFixed(1)} %`;
}

function textOf(value: JsonValue | undefined): string {
  return value === undefined ? '(none)' : typeof value === 'string' ? value : JSON.stringify(value);
}
