import { html, type Html } from './html.ts';
import { STYLE } from './style.ts';

export { html, type Html } from './html.ts';
export { barChart, type Bar } from './bar-chart.ts';
export { histogram, type HistogramBin, type Threshold } from './histogram.ts';
export { figures, htmlTable, type Figure, type HtmlColumn } from './table.ts';

export interface PageSection {
  /** Shown as a heading, and in the contents. */
  title: string;
  body: Html | readonly Html[];
}

export interface PageOptions {
  title: string;
  /** A line under the title: what was looked at, and when. */
  subtitle?: string;
  sections: readonly PageSection[];
}

/**
 * A page that stands alone: no scripts, no requests, which its content security policy forbids as
 * well. Light or dark as the reader's system has it, light on paper.
 */
export function htmlPage({ title, subtitle, sections }: PageOptions): string {
  const named = sections.map((section, index) => ({ ...section, id: `section-${index + 1}` }));
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header>
<h1>${title}</h1>
${subtitle === undefined ? null : html`<p class="muted">${subtitle}</p>`}
<nav aria-label="Contents">${named.map((section) => html`<a href="#${section.id}">${section.title}</a> `)}</nav>
</header>
${named.map((section) => html`<section id="${section.id}">
<h2>${section.title}</h2>
${section.body}
</section>
`)}</main>
</body>
</html>
`;
  return page.html;
}
