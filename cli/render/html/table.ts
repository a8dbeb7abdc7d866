import { html, type Html } from './html.ts';

export interface HtmlColumn {
  title: string;
  /** Numbers stand to the right. Default left. */
  align?: 'left' | 'right';
}

type Cell = Html | string | number;

/** Cells are escaped unless they are HTML. */
export function htmlTable(columns: readonly HtmlColumn[], rows: readonly (readonly Cell[])[]): Html {
  const classOf = (index: number): Html => (columns[index]?.align === 'right' ? html` class="number"` : html``);
  return html`<div class="scroll"><table>
<thead><tr>${columns.map(({ title }, index) => html`<th${classOf(index)} scope="col">${title}</th>`)}</tr></thead>
<tbody>
${rows.map((row) => html`<tr>${row.map((cell, index) => html`<td${classOf(index)}>${cell}</td>`)}</tr>
`)}</tbody>
</table></div>`;
}

export interface Figure {
  label: string;
  value: string;
  /** Small, behind the label. */
  note?: string;
}

/** A row of large numbers. */
export function figures(items: readonly Figure[]): Html {
  return html`<div class="figures">${items.map(({ label, value, note }) => html`<div><strong>${value}</strong><span>${label}${note === undefined ? null : ` · ${note}`}</span></div>`)}</div>`;
}
