import type { HelperPlace, TaskHelper } from '../../activities/planning/inspect-helpers.ts';
import type { Diagnostic } from '../../pipeline/diagnostics.ts';
import type { Plan } from '../../pipeline/plan.ts';
import { renderTable } from '../render/table.ts';

export interface CompatReport {
  plan: Plan | null;
  diagnostics: Diagnostic[];
  helpers: TaskHelper[];
  /** Path of the Python that would run helpers, or why there is none. */
  python: { executable: string } | { reason: string };
  /** How a file is shown. */
  shown: (file: string) => string;
}

/** What runs of a task as it is, and what is in the way, line by line. */
export function renderCompat(report: CompatReport): string[] {
  const { diagnostics } = report;
  const refused = diagnostics.filter(({ severity, code }) => severity === 'error' && REFUSED.has(code));
  const ignored = diagnostics.filter(({ severity }) => severity === 'warning');
  const faults = diagnostics.filter((diagnostic) => diagnostic.severity === 'error' && !refused.includes(diagnostic));
  return [
    verdict(report),
    ...section('refused', refused),
    ...section('ignored or old', ignored),
    ...section('could not be looked at', faults.filter(({ code }) => code === 'SOURCE_UNREACHABLE')),
    ...section('to mend', faults.filter(({ code }) => code !== 'SOURCE_UNREACHABLE')),
    ...helperLines(report),
  ];
}

function verdict({ plan, diagnostics }: CompatReport): string {
  if (plan !== null) return `compiles: yes; ${summary(plan)}`;
  return isOnlyUnreachable(diagnostics) ? 'compiles: as far as can be told here; its source cannot be reached' : 'compiles: no';
}

/** Nothing is wrong with the task but that a server with its source does not answer from here. */
export function isOnlyUnreachable(diagnostics: readonly Diagnostic[]): boolean {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  return errors.length > 0 && errors.every(({ code }) => code === 'SOURCE_UNREACHABLE');
}

const REFUSED = new Set<Diagnostic['code']>(['NOT_SUPPORTED_YET', 'UNKNOWN_KEY', 'UNKNOWN_NODE_TYPE']);

function summary({ nodes, source, models }: Plan): string {
  const counts = new Map<string, number>();
  for (const { kind } of nodes) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const kinds = [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
  const names = Object.keys(models);
  return `nodes: ${kinds}; source: ${source?.type ?? 'none'}; models: ${names.length === 0 ? 'none' : names.join(', ')}`;
}

function section(title: string, diagnostics: Diagnostic[]): string[] {
  if (diagnostics.length === 0) return [];
  const lines = diagnostics.map(
    ({ file, line, message, hint }) => `  ${file}:${line} ${message}${hint === undefined ? '' : `. ${hint}`}`,
  );
  return ['', `${title}:`, ...lines];
}

function helperLines({ helpers, python, shown }: CompatReport): string[] {
  if (helpers.length === 0) return ['', 'helpers: none are named'];
  const placeText = (place: HelperPlace): string => (place.status === 'found' ? shown(place.file) : place.status);
  const rows = helpers.map((helper) => [
    helper.text,
    [...new Set(helper.uses.map(({ role }) => role))].join(', '),
    placeText(helper.typescript),
    placeText(helper.python),
  ]);
  return [
    '',
    ...renderTable([{ title: 'helper' }, { title: 'used as' }, { title: 'TypeScript' }, { title: 'Python' }], rows),
    '',
    ...pythonLines(helpers, python),
  ];
}

function pythonLines(helpers: readonly TaskHelper[], python: CompatReport['python']): string[] {
  const waiting = helpers.filter(({ typescript }) => typescript.status !== 'found');
  if (waiting.length === 0) return ['All helpers are there in TypeScript.'];
  const broken = waiting.flatMap(({ python: place }) => (place.status === 'broken' ? [place.message] : []));
  const absent = waiting.filter(({ python: place }) => place.status === 'missing');
  const port = `syngraph compat TASK --write makes the skeleton of what is missing in TypeScript.`;
  if ('reason' in python) return [`Python helpers would not run here: ${python.reason}`, port];
  if (broken.length > 0)
    return [...new Set(broken)].map((message) => `Python helpers would not run: ${message}`).concat(port);
  if (absent.length > 0) return [`In neither language: ${absent.map(({ text }) => text).join(', ')}`, port];
  return [`Helpers in Python run as they are, with ${python.executable}.`];
}
