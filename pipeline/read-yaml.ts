import { LineCounter, parseDocument } from 'yaml';
import type { Diagnostic } from './diagnostics.ts';
import { inspectYaml } from './inspect-yaml.ts';
import { YamlSource } from './yaml-source.ts';
import { syntaxDiagnostic } from './yaml-syntax.ts';

export interface ReadYamlOptions {
  /** Name for diagnostics. */
  file: string;
  content: Uint8Array | string;
}

/** `value` is null where nothing of the file can be used. */
export interface ReadYamlResult {
  source: YamlSource;
  value: unknown;
  diagnostics: Diagnostic[];
}

const MAX_BYTES = 1024 * 1024;
/** A second fence behind `inspectYaml`, which counts what aliases expand to. */
const MAX_ALIAS_COUNT = 10_000;

/**
 * From bytes to plain values with positions, bounded in size, depth and what aliases expand to.
 * YAML 1.2 with merge keys (`<<`), which SyGra's files may use. Never throws on any content.
 */
export function readYaml(options: ReadYamlOptions): ReadYamlResult {
  const { file, content } = options;
  const decoded = typeof content === 'string' ? { text: content, fault: null } : decodeText(content);
  const text = decoded.text.startsWith('\ufeff') ? decoded.text.slice(1) : decoded.text;
  const lines = new LineCounter();
  const fail = (source: YamlSource, ...diagnostics: Diagnostic[]): ReadYamlResult => ({
    source,
    value: null,
    diagnostics,
  });
  if (decoded.fault !== null) return fail(emptySource(file, text), { ...decoded.fault, file });
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      merge: true,
      uniqueKeys: false,
      prettyErrors: false,
      strict: true,
    });
    const source = new YamlSource({ file, text, document, lines });
    // What follows the first one is mostly its consequence.
    const [syntaxError] = document.errors;
    if (syntaxError !== undefined) return fail(source, syntaxDiagnostic(source, syntaxError));
    const diagnostics = inspectYaml(document, source);
    if (diagnostics.some(({ code }) => code === 'ALIAS_BOMB' || code === 'YAML_SYNTAX')) return fail(source, ...diagnostics);
    return { source, value: document.toJS({ maxAliasCount: MAX_ALIAS_COUNT }), diagnostics };
  } catch (error) {
    // The parser descends recursively; brackets nested by the ten thousand exhaust the stack.
    const message =
      error instanceof RangeError ? 'This file is nested too deeply' : `This is not valid YAML: ${String(error)}`;
    return fail(emptySource(file, text), { code: 'YAML_SYNTAX', severity: 'error', message, file, line: 1, column: 1 });
  }
}

function emptySource(file: string, text: string): YamlSource {
  return new YamlSource({ file, text, document: parseDocument(''), lines: new LineCounter() });
}

function decodeText(content: Uint8Array): { text: string; fault: Omit<Diagnostic, 'file'> | null } {
  if (content.byteLength > MAX_BYTES) {
    const message = `This file has ${content.byteLength} bytes; at most ${MAX_BYTES} are read`;
    return { text: '', fault: { code: 'FILE_TOO_LARGE', severity: 'error', message, line: 1, column: 1 } };
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content), fault: null };
  } catch {
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(content);
    return { text, fault: { code: 'NOT_UTF8', severity: 'error', ...notUtf8Position(content, text) } };
  }
}

function notUtf8Position(content: Uint8Array, text: string): Pick<Diagnostic, 'line' | 'column' | 'message' | 'hint'> {
  const offset = firstInvalidByte(content);
  const before = new TextDecoder('utf-8', { ignoreBOM: true }).decode(content.subarray(0, offset)).split(/\r\n|\r|\n/);
  const byte = content[offset]?.toString(16).padStart(2, '0') ?? '';
  const guess = text.includes('\u0000') ? 'It may be UTF-16.' : 'It may be Latin-1 or Windows-1252.';
  return {
    line: before.length,
    column: before.at(-1)!.length + 1,
    message: `This file is not UTF-8: byte ${offset} (0x${byte}) is invalid there`,
    hint: `${guess} Save the file as UTF-8.`,
  };
}

/** The length of the longest valid beginning, by bisection: a decoder tells only that, not where, it fails. */
function firstInvalidByte(content: Uint8Array): number {
  let valid = 0;
  let end = content.byteLength;
  while (valid < end) {
    const middle = Math.ceil((valid + end) / 2);
    if (isValidBeginning(content.subarray(0, middle))) valid = middle;
    else end = middle - 1;
  }
  // A character that begins well and is torn by what follows is itself at fault, not what follows.
  while (valid > 0 && !isValid(content.subarray(0, valid))) valid -= 1;
  return valid;
}

/** `stream` lets a character that the cut has torn pass. */
function isValidBeginning(bytes: Uint8Array): boolean {
  return isValid(bytes, { stream: true });
}

function isValid(bytes: Uint8Array, options: { stream?: boolean } = {}): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, options);
    return true;
  } catch {
    return false;
  }
}
