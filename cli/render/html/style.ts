import type { Html } from './html.ts';

/** Of all pages. Charts take their colours from it too, so that they follow light and dark. */
export const STYLE: Html = {
  html: `
:root { --page: #ffffff; --panel: #f5f6f8; --ink: #1b1f24; --muted: #5b6570; --line: #d5dae0; --first: #2f6fdb; --second: #a9c3ee; --bad: #c0392b; }
@media screen and (prefers-color-scheme: dark) {
  :root { --page: #14171b; --panel: #1d2127; --ink: #e4e7eb; --muted: #98a2ad; --line: #353c45; --first: #6ea1f7; --second: #34507f; --bad: #f0776a; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 24px 20px 64px; }
h1 { font-size: 26px; line-height: 1.2; margin: 8px 0; overflow-wrap: anywhere; }
h2 { font-size: 19px; margin: 40px 0 12px; padding-top: 12px; border-top: 1px solid var(--line); }
h3 { font-size: 15px; margin: 20px 0 6px; }
p { margin: 6px 0; max-width: 75ch; overflow-wrap: anywhere; }
a { color: var(--first); }
nav a { margin-right: 14px; white-space: nowrap; }
code, pre { font: 13px/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 10px 12px; white-space: pre-wrap; overflow-wrap: anywhere; margin: 6px 0; }
details { margin: 6px 0; }
summary { cursor: pointer; }
.muted { color: var(--muted); }
.bad { color: var(--bad); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 14px; min-width: 40%; }
th, td { text-align: left; padding: 5px 14px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
th { color: var(--muted); font-weight: 600; white-space: nowrap; }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
th.number { white-space: normal; overflow-wrap: normal; vertical-align: bottom; }
th.number, td.number { padding-right: 11px; }
th:last-child, td:last-child { padding-right: 0; }
.figures { display: flex; flex-wrap: wrap; gap: 12px; margin: 14px 0; }
.figures div { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 10px 16px; min-width: 130px; }
.figures strong { display: block; font-size: 22px; line-height: 1.25; font-variant-numeric: tabular-nums; }
.figures span { color: var(--muted); font-size: 13px; }
.charts { margin: 14px 0; display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 16px 28px; }
figure { margin: 0; max-width: 700px; }
figcaption { font-weight: 600; font-size: 14px; }
figcaption span { font-weight: 400; color: var(--muted); }
svg { display: block; width: 100%; height: auto; font: 12px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; }
svg text { fill: var(--muted); }
svg .label { fill: var(--ink); }
svg .first { fill: var(--first); }
svg .second { fill: var(--second); }
svg .axis { stroke: var(--line); stroke-width: 1; }
svg .threshold { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 4 3; }
svg .threshold-label { fill: var(--bad); }
.key { font-size: 13px; color: var(--muted); }
.key i { display: inline-block; width: 11px; height: 11px; border-radius: 2px; margin: 0 5px 0 12px; vertical-align: -1px; }
.key i.first { background: var(--first); margin-left: 0; }
.key i.second { background: var(--second); }
@media (max-width: 600px) {
  figure { overflow-x: auto; }
  svg { min-width: 480px; }
}
@media print {
  body { font-size: 11px; }
  main { max-width: none; padding: 0; }
  nav { display: none; }
  h2 { margin-top: 22px; break-after: avoid; }
  h3 { break-after: avoid; }
  figure, tr, .figures div { break-inside: avoid; }
  svg, .key i { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`,
};
