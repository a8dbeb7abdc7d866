import { Alias, type Document, isMap, isScalar, isSeq, type LineCounter, type Node, type Pair } from 'yaml';
import type { Diagnostic, DiagnosticCode } from './diagnostics.ts';

export type YamlPath = readonly (string | number)[];

/** What of a mapping's entry a diagnostic points at; `text` is a part of the value. */
export type YamlTarget = { part: 'key' | 'value' } | { part: 'text'; text: string; occurrence: number };

export interface Report {
  code: DiagnosticCode;
  severity?: 'error' | 'warning';
  path: YamlPath;
  /** Default: the value; the key where the value takes several lines. */
  target?: YamlTarget;
  message: string;
  hint?: string | undefined;
  allowed?: readonly string[] | undefined;
}

/** Where the values of a pipeline stand: in one file, or in several where an outer graph overrides parts of a subgraph. */
export interface YamlPlaces {
  /** Keys of a mapping in the order of the file. */
  keys(path: YamlPath): string[];
  diagnose(report: Report): Diagnostic;
  /** The file in which a value stands, as diagnostics show it. */
  fileAt(path: YamlPath): string;
}

/** A YAML text that has been parsed, and where each of its values stands. */
export class YamlSource implements YamlPlaces {
  readonly file: string;
  readonly text: string;
  readonly #document: Document;
  readonly #lines: LineCounter;

  constructor(options: { file: string; text: string; document: Document; lines: LineCounter }) {
    this.file = options.file;
    this.text = options.text;
    this.#document = options.document;
    this.#lines = options.lines;
  }

  /** Keys of a mapping in the order of the file, which a JavaScript object loses where keys are digits. */
  keys(path: YamlPath): string[] {
    const node = this.#find(path);
    const names = isMap(node) ? node.items.flatMap((pair) => this.#mergedKeys(pair)) : [];
    return [...new Set(names)];
  }

  fileAt(): string {
    return this.file;
  }

  diagnose(report: Report): Diagnostic {
    const { code, severity = 'error', path, target, message, hint, allowed } = report;
    return {
      code,
      severity,
      message,
      file: this.file,
      ...this.locate(path, target),
      ...(hint === undefined ? {} : { hint }),
      ...(allowed === undefined ? {} : { allowed: [...allowed] }),
    };
  }

  /** Where a value stands; where it is absent, the nearest mapping that should hold it. */
  locate(path: YamlPath, target?: YamlTarget): { line: number; column: number; endColumn?: number } {
    for (let length = path.length; length >= 0; length -= 1) {
      const found = this.#range(path.slice(0, length), length === path.length ? target : { part: 'key' });
      if (found !== null) return this.position(found[0], found[1]);
    }
    return { line: 1, column: 1 };
  }

  /** Offsets of the text as line and column. */
  position(start: number, end: number): { line: number; column: number; endColumn?: number } {
    const from = this.#lines.linePos(Math.min(start, this.text.length));
    const to = this.#lines.linePos(Math.min(Math.max(end, start), this.text.length));
    const line = Math.max(1, from.line);
    const column = Math.max(1, from.col);
    if (to.line !== from.line || to.col <= column) return { line, column };
    return { line, column, endColumn: to.col };
  }

  #range(path: YamlPath, target: YamlTarget | undefined): [number, number] | null {
    const found = this.#entry(path);
    if (found === null) return null;
    const value = rangeOf(found.value);
    const key = rangeOf(found.key);
    if (target?.part === 'text' && value !== null)
      return this.#textRange(value, target.text, target.occurrence) ?? value;
    if (target?.part === 'key') return key ?? value;
    if (target === undefined && key !== null && value !== null && this.#isMultiline(value)) return key;
    return value ?? key;
  }

  /** The nth time that a text stands in a value as the file has it. */
  #textRange([start, end]: [number, number], text: string, occurrence: number): [number, number] | null {
    let offset = start - 1;
    for (let count = 0; count <= occurrence; count += 1) {
      offset = this.text.indexOf(text, offset + 1);
      if (offset === -1 || offset + text.length > end) return null;
    }
    return [offset, offset + text.length];
  }

  #isMultiline([start, end]: [number, number]): boolean {
    return this.text.slice(start, end).trimEnd().includes('\n');
  }

  #find(path: YamlPath): Node | null {
    const value = this.#entry(path)?.value;
    return this.#resolve(value);
  }

  #entry(path: YamlPath): { key: unknown; value: unknown } | null {
    let entry: { key: unknown; value: unknown } = { key: null, value: this.#document.contents };
    for (const step of path) {
      const next = this.#child(this.#resolve(entry.value), step);
      if (next === null) return null;
      entry = next;
    }
    return entry;
  }

  #child(node: Node | null, step: string | number): { key: unknown; value: unknown } | null {
    if (isSeq(node)) {
      const item = node.items[Number(step)];
      return item === undefined ? null : { key: null, value: item };
    }
    if (!isMap(node)) return null;
    const own = node.items.find((pair) => keyName(pair.key) === String(step));
    if (own !== undefined) return { key: own.key, value: own.value };
    for (const pair of node.items) {
      for (const merged of this.#mergedMaps(pair)) {
        const found = this.#child(merged, step);
        if (found !== null) return found;
      }
    }
    return null;
  }

  #mergedKeys(pair: Pair): string[] {
    if (keyName(pair.key) !== '<<') return [keyName(pair.key)];
    return this.#mergedMaps(pair).flatMap((map) =>
      isMap(map) ? map.items.flatMap((inner) => this.#mergedKeys(inner)) : [],
    );
  }

  /** What a merge key `<<` brings in. */
  #mergedMaps(pair: Pair): Node[] {
    if (keyName(pair.key) !== '<<') return [];
    const value = this.#resolve(pair.value);
    const nodes = isSeq(value) ? value.items.map((item) => this.#resolve(item)) : [value];
    return nodes.filter((node) => node !== null);
  }

  #resolve(value: unknown): Node | null {
    if (value instanceof Alias) return value.resolve(this.#document) ?? null;
    return isMap(value) || isSeq(value) || isScalar(value) ? value : null;
  }
}

/** A mapping's key as JavaScript names it. Keys that are no scalars are refused elsewhere. */
export function keyName(key: unknown): string {
  const value = isScalar(key) ? key.value : key;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** Offsets of a node without what follows it on its line. */
export function rangeOf(node: unknown): [number, number] | null {
  const range = (node as { range?: [number, number, number] | null } | null)?.range;
  return range === null || range === undefined ? null : [range[0], range[1]];
}
