import { type Alias, type Document, isAlias, isCollection, isMap, isPair, isScalar, type Node, type Pair } from 'yaml';
import type { Diagnostic, DiagnosticCode } from './diagnostics.ts';
import { nearestName } from './nearest-name.ts';
import { keyName, rangeOf, type YamlSource } from './yaml-source.ts';

/** Values that the aliases of a file may stand for, all together. */
const MAX_EXPANDED = 50_000;
const MAX_DEPTH = 100;

/**
 * What a parser lets pass and a pipeline must not have: keys given twice, aliases that expand
 * without bound or contain themselves, keys that would reach into JavaScript's prototypes.
 */
export function inspectYaml(document: Document, source: YamlSource): Diagnostic[] {
  const inspector = new YamlInspector(source);
  inspector.measure(document.contents, []);
  return inspector.diagnostics;
}

class YamlInspector {
  readonly diagnostics: Diagnostic[] = [];
  readonly #source: YamlSource;
  /** Values under a node with its aliases expanded; null while it is being counted. */
  readonly #sizes = new Map<Node, number | null>();
  /** What each anchor names so far; the parser's own look-up walks the whole document each time. */
  readonly #anchors = new Map<string, Node>();
  #expanded = 0;
  #bombReported = false;

  constructor(source: YamlSource) {
    this.#source = source;
  }

  /** Counts the values of a node. `path` names where it stands, without what merges and aliases bring in. */
  measure(node: unknown, path: string[]): number {
    if (isAlias(node)) return this.#measureAlias(node);
    if ((isScalar(node) || isCollection(node)) && node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (!isCollection(node)) return 1;
    if (path.length > MAX_DEPTH) {
      this.#report('YAML_SYNTAX', node, `Values are nested more than ${MAX_DEPTH} deep`);
      return 1;
    }
    this.#sizes.set(node, null);
    if (isMap(node)) this.#checkKeys(node.items, path);
    let size = 1;
    for (const [index, item] of node.items.entries()) {
      size += isPair(item)
        ? this.measure(item.value, [...path, keyName(item.key)])
        : this.measure(item, [...path, String(index)]);
    }
    this.#sizes.set(node, size);
    return size;
  }

  #measureAlias(alias: Alias): number {
    const target = this.#anchors.get(alias.source);
    if (target === undefined) {
      const nearest = nearestName(alias.source, this.#anchors.keys());
      const hint = nearest === null ? `Write &${alias.source} before the value that it means, further up.` : `Did you mean *${nearest}?`;
      this.#report('YAML_SYNTAX', alias, `Nothing above is named &${alias.source}`, hint);
    }
    const size = target === undefined ? 1 : this.#sizes.get(target);
    if (size === null) {
      this.#reportBomb(alias, `*${alias.source} stands inside the value that it names`);
      return 1;
    }
    this.#expanded += size ?? 1;
    if (this.#expanded <= MAX_EXPANDED) return size ?? 1;
    this.#reportBomb(
      alias,
      `The aliases up to *${alias.source} expand to ${this.#expanded} values; at most ${MAX_EXPANDED} are allowed`,
    );
    return 1;
  }

  #checkKeys(pairs: Pair[], path: string[]): void {
    const first = new Map<string, unknown>();
    for (const { key } of pairs) {
      const name = keyName(key);
      if (name === '__proto__' || !(isScalar(key) || key === null)) {
        this.#report('WRONG_VALUE', key, `${isScalar(key) ? '"__proto__"' : 'This'} cannot be a key`);
      } else if (first.has(name) && name !== '<<') {
        this.#reportDuplicate({ name, key, firstKey: first.get(name), path });
      } else first.set(name, key);
    }
  }

  #reportDuplicate(duplicate: { name: string; key: unknown; firstKey: unknown; path: string[] }): void {
    const { name, key, firstKey, path } = duplicate;
    const [start, end] = rangeOf(firstKey) ?? [0, 0];
    const { line } = this.#source.position(start, end);
    if (path.join('.') === 'graph_config.nodes') {
      this.#report(
        'DUPLICATE_NODE',
        key,
        `A node "${name}" exists already, in line ${line}`,
        'Give this node another name.',
      );
    } else
      this.#report(
        'DUPLICATE_KEY',
        key,
        `The key "${name}" stands here already, in line ${line}`,
        'Remove one of the two.',
      );
  }

  #reportBomb(alias: Alias, message: string): void {
    // Every alias of a bomb would be named; the first says it all.
    if (!this.#bombReported) this.#report('ALIAS_BOMB', alias, message, 'Write the value out instead.');
    this.#bombReported = true;
  }

  #report(code: DiagnosticCode, node: unknown, message: string, hint?: string): void {
    const [start, end] = rangeOf(node) ?? [0, 0];
    this.diagnostics.push({
      code,
      severity: 'error',
      message,
      file: this.#source.file,
      ...this.#source.position(start, end),
      ...(hint === undefined ? {} : { hint }),
    });
  }
}
