import { html, type Html } from './html.ts';

export interface FlowBox {
  name: string;
  /** Under the name. */
  note: string;
  /** Under the note, as a warning. */
  bad?: string;
}

export interface FlowEdge {
  from: string;
  to: string;
  count: number;
}

const WIDTH = 900;
const BOX = { width: 168, height: 58 };
const GAP = { across: 26, down: 62 };
const WIDEST_LINE = 14;
const LONGEST_NAME = 24;

interface Place {
  x: number;
  y: number;
  row: number;
}

/** Boxes from above to below, with arrows as thick as what flows along them; ways back bend round the right side, dashed. */
export function flowChart({ title, boxes, edges }: { title: string; boxes: readonly FlowBox[]; edges: readonly FlowEdge[] }): Html {
  const rows = rowsOf(boxes.map(({ name }) => name), edges);
  const places = new Map<string, Place>();
  const widest = Math.max(1, ...rows.map((row) => row.length));
  const width = Math.max(WIDTH, widest * (BOX.width + GAP.across) + 160);
  rows.forEach((row, index) => {
    const room = row.length * (BOX.width + GAP.across) - GAP.across;
    row.forEach((name, column) => places.set(name, { x: (width - room) / 2 + column * (BOX.width + GAP.across), y: 8 + index * (BOX.height + GAP.down), row: index }));
  });
  const height = rows.length * (BOX.height + GAP.down) - GAP.down + 16;
  const most = Math.max(1, ...edges.map(({ count }) => count));
  return html`<figure class="flow"><figcaption>${title}</figcaption>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="first" d="M0 0 8 4 0 8z"/></marker></defs>
${edges.map((edge) => drawEdge(edge, { places, thick: 1 + (edge.count / most) * (WIDEST_LINE - 1), width }))}${boxes.map((box) => drawBox(box, places.get(box.name)))}</svg></figure>`;
}

/** The longest way from the first box says in which row a box stands; what leads back to where it came from does not count. */
function rowsOf(names: readonly string[], edges: readonly FlowEdge[]): string[][] {
  const next = new Map(names.map((name): [string, string[]] => [name, edges.filter(({ from, to }) => from === name && names.includes(to)).map(({ to }) => to)]));
  const order: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const back = new Set<string>();
  const visit = (name: string): void => {
    state.set(name, 'open');
    for (const to of next.get(name) ?? []) {
      if (state.get(to) === 'open') back.add(`${name}\n${to}`);
      else if (!state.has(to)) visit(to);
    }
    state.set(name, 'done');
    order.unshift(name);
  };
  for (const name of names) if (!state.has(name)) visit(name);
  const row = new Map<string, number>();
  for (const name of order) {
    const own = row.get(name) ?? 0;
    row.set(name, own);
    for (const to of next.get(name) ?? []) if (!back.has(`${name}\n${to}`)) row.set(to, Math.max(row.get(to) ?? 0, own + 1));
  }
  const rows: string[][] = [];
  for (const name of names) (rows[row.get(name) ?? 0] ??= []).push(name);
  return rows.filter((each) => each !== undefined);
}

function drawEdge({ from, to, count }: FlowEdge, { places, thick, width }: { places: ReadonlyMap<string, Place>; thick: number; width: number }): Html {
  const start = places.get(from);
  const end = places.get(to);
  if (start === undefined || end === undefined) return html``;
  const isBack = end.row <= start.row;
  const x1 = start.x + (isBack ? BOX.width : BOX.width / 2);
  const y1 = start.y + (isBack ? BOX.height / 2 : BOX.height);
  const x2 = end.x + (isBack ? BOX.width : BOX.width / 2);
  const y2 = isBack ? end.y + BOX.height / 2 + (from === to ? -12 : 8) : end.y - 2;
  const side = Math.min(width - 50, Math.max(x1, x2) + 90);
  const way = isBack ? `M${x1} ${y1}C${side} ${y1} ${side} ${y2} ${x2} ${y2}` : `M${x1} ${y1}C${x1} ${y1 + GAP.down * 0.6} ${x2} ${y2 - GAP.down * 0.6} ${x2} ${y2}`;
  const at = isBack ? { x: side - 18, y: (y1 + y2) / 2 } : { x: (x1 + x2) / 2 + thick / 2 + 5, y: (y1 + y2) / 2 + 4 };
  const text = count.toLocaleString('en-US');
  return html`<g><title>${from} to ${to}: ${text}</title><path d="${way}" fill="none" stroke="var(--second)" stroke-width="${thick.toFixed(1)}"${isBack ? html` stroke-dasharray="6 4"` : null}/><path d="${way}" fill="none" stroke="var(--first)" stroke-width="1" marker-end="url(#arrow)"/><text x="${at.x}" y="${at.y}">${text}</text></g>
`;
}

function drawBox({ name, note, bad }: FlowBox, place: Place | undefined): Html {
  if (place === undefined) return html``;
  const { x, y } = place;
  const shown = name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;
  const middle = x + BOX.width / 2;
  return html`<g><title>${name}: ${note}${bad === undefined ? '' : `, ${bad}`}</title><rect x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="7" fill="var(--panel)" stroke="var(--line)"/>
<text class="label" x="${middle}" y="${y + 20}" text-anchor="middle" font-weight="600">${shown}</text><text x="${middle}" y="${y + 36}" text-anchor="middle">${note}</text>${bad === undefined ? null : html`<text class="threshold-label" x="${middle}" y="${y + 51}" text-anchor="middle">${bad}</text>`}</g>
`;
}
