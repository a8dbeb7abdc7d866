import { type Diagnostic, sortDiagnostics } from './diagnostics.ts';
import { holdsSecret } from './secret-text.ts';

export interface RenderOptions {
  /** ANSI colours. Default false. */
  colour?: boolean;
}

const STYLES = { error: '31', warning: '33', faint: '2', bold: '1', hint: '36' };
const LINE_WIDTH = 120;
const MAX_ALLOWED = 30;

/**
 * Diagnostics for people: where, what, the line with a caret under the fault, what would be
 * allowed, what to do. Sorted by position. A line that may hold a secret is not shown.
 * @param sources text of each file that a diagnostic names; without it the line is left out
 */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
  options: RenderOptions = {},
): string {
  const paint: Paint = (style, text) => (options.colour === true ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text);
  const lines = new Map([...sources].map(([file, text]) => [file, text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/)]));
  return sortDiagnostics(diagnostics)
    .map((diagnostic) => {
      const sourceLine = lines.get(diagnostic.file)?.[diagnostic.line - 1];
      const secret = diagnostic.code === 'SECRET_IN_FILE' || (sourceLine !== undefined && holdsSecret(sourceLine));
      return renderOne(diagnostic, secret ? undefined : sourceLine, paint);
    })
    .join('\n\n');
}

type Paint = (style: keyof typeof STYLES, text: string) => string;

function renderOne(diagnostic: Diagnostic, sourceLine: string | undefined, paint: Paint): string {
  const { file, line, column, severity, code, message, allowed, hint } = diagnostic;
  const out = [
    `${paint('bold', `${file}:${line}:${column}`)} ${paint(severity, severity)} ${message} ${paint('faint', `[${code}]`)}`,
  ];
  if (sourceLine !== undefined && sourceLine.trim() !== '') out.push(...excerpt(diagnostic, sourceLine, paint));
  const prefix = ' '.repeat(String(line).length);
  if (allowed !== undefined && allowed.length > 0) {
    const more = allowed.length > MAX_ALLOWED ? `, … (${allowed.length} in all)` : '';
    out.push(`${prefix} = allowed: ${allowed.slice(0, MAX_ALLOWED).join(', ')}${more}`);
  }
  if (hint !== undefined) out.push(`${prefix} ${paint('hint', `= ${hint}`)}`);
  return out.join('\n');
}

function excerpt(diagnostic: Diagnostic, sourceLine: string, paint: Paint): string[] {
  const { line, column, endColumn, severity } = diagnostic;
  // A long line is cut to a window around the fault.
  const from = column > LINE_WIDTH - 20 ? column - 40 : 0;
  const shown = printable(sourceLine.slice(from, from + LINE_WIDTH));
  const offset = Math.max(0, Math.min(column - 1 - from, shown.length));
  const width = Math.max(1, Math.min((endColumn ?? column + 1) - column, Math.max(1, shown.length - offset)));
  // Tabs before the fault are repeated so that the caret stands under it at any tab width.
  const padding = shown.slice(0, offset).replace(/[^\t]/g, ' ');
  const gutter = String(line);
  const empty = ' '.repeat(gutter.length);
  return [
    `${paint('faint', `${gutter} |`)} ${shown}`,
    `${paint('faint', `${empty} |`)} ${padding}${paint(severity, '^'.repeat(width))}`,
  ];
}

/** Control characters of a hostile file must not reach the terminal. */
function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\u00b7');
}
