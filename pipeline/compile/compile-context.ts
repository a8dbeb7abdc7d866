import { dirname, join, relative, sep } from 'node:path';
import type { Diagnostic } from '../diagnostics.ts';
import { hasErrors } from '../diagnostics.ts';
import { type ModuleFact, moduleKey, type PipelineFacts } from '../facts.ts';
import { FUNCTION_PATH_HINT, parseFunctionPath } from '../function-path.ts';
import { nearestName } from '../nearest-name.ts';
import { folderAt, type ParsedPipeline } from '../parsed-pipeline.ts';
import type { FunctionKind, FunctionReference } from '../plan.ts';
import type { Report, YamlPath } from '../yaml-source.ts';

/** What the plan's bundle must contain. */
export interface FunctionUse {
  reference: FunctionReference;
  /** Key into the facts' modules. */
  specifier: string;
  exportName: string;
  /** As the module's fact has it. */
  file: string;
  /** It must be a tool, or hold some. */
  tool?: boolean;
}

/** What a place of the pipeline takes: a kind of export, and for classes the method that is called. */
export interface ExpectedExport {
  kinds: readonly FunctionKind[];
  /** Absent: any class will do. */
  method?: string;
  /** It must be a tool, or hold some, which only running it tells. */
  tool?: boolean;
}

export interface FoundExport {
  reference: FunctionReference;
  kind: FunctionKind | 'unknown';
  /** null: cannot be told. */
  methods: readonly string[] | null;
}

/** What all parts of the compiler share: the file, the facts, the faults found and the functions used. */
export class CompileContext {
  readonly parsed: ParsedPipeline;
  readonly facts: PipelineFacts;
  readonly diagnostics: Diagnostic[];
  /** Where this is the context of a subgraph, at whatever depth: that of the pipeline. Else null. */
  readonly outermost: CompileContext | null;
  readonly #functions: Map<FunctionReference, FunctionUse>;

  constructor(parsed: ParsedPipeline, facts: PipelineFacts, outer: CompileContext | null = null) {
    this.parsed = parsed;
    this.facts = facts;
    this.diagnostics = outer?.diagnostics ?? [];
    this.outermost = outer?.outermost ?? outer;
    this.#functions = outer === null ? new Map<FunctionReference, FunctionUse>() : outer.#functions;
  }

  get functions(): FunctionUse[] {
    return [...this.#functions.values()].sort((left, right) => (left.reference < right.reference ? -1 : 1));
  }

  get failed(): boolean {
    return this.parsed.damaged.file || hasErrors(this.diagnostics);
  }

  report(report: Report): void {
    this.diagnostics.push(this.parsed.yaml.diagnose(report));
  }

  /** Finds an export that the pipeline names; null where it has been reported as missing. */
  findExport(text: string, path: YamlPath, expected: ExpectedExport): FoundExport | null {
    const target = parseFunctionPath(text);
    if (target === null) {
      this.report({
        code: 'WRONG_VALUE',
        path,
        message: `"${text}" does not name an export of a module`,
        hint: FUNCTION_PATH_HINT,
      });
      return null;
    }
    const { exportName } = target;
    const { key, fact } = this.#module(target.specifier, path);
    if (fact?.status !== 'found') {
      this.#reportModule(target.specifier, path, fact);
      return null;
    }
    const found = Object.hasOwn(fact.exports, exportName) ? fact.exports[exportName] : undefined;
    if (found === undefined) {
      this.#reportMissingExport({ fact, exportName, path });
      return null;
    }
    if (!this.#fits(found, { text, path, expected })) return null;
    const reference = this.#use({ specifier: key, exportName, fact }, expected);
    return { reference, kind: found.kind, methods: found.methods ?? null };
  }

  /** Finds a whole module, as `exports.ts#*`; null where there is none, which is not reported. */
  findModule(specifier: string, path: YamlPath, expected: Pick<ExpectedExport, 'tool'>): FunctionReference | null {
    const { key, fact } = this.#module(specifier, path);
    return fact?.status === 'found' ? this.#use({ specifier: key, exportName: '*', fact }, expected) : null;
  }

  /** What is known of the module that is named at a place of the pipeline. */
  moduleFact(specifier: string, path: YamlPath): ModuleFact | undefined {
    return this.#module(specifier, path).fact;
  }

  #module(specifier: string, path: YamlPath): { key: string; fact: ModuleFact | undefined } {
    const key = moduleKey({ specifier, folder: folderAt(this.parsed, path), taskFolder: this.#taskFolder });
    return { key, fact: Object.hasOwn(this.facts.modules, key) ? this.facts.modules[key] : undefined };
  }

  get #taskFolder(): string {
    return (this.outermost ?? this).parsed.taskFolder;
  }

  #use(
    use: Pick<FunctionUse, 'specifier' | 'exportName'> & { fact: Extract<ModuleFact, { status: 'found' }> },
    { tool }: Pick<ExpectedExport, 'tool'>,
  ): FunctionReference {
    const { specifier, exportName, fact } = use;
    const shown = fact.shown ?? relative(this.#taskFolder, fact.file).split(sep).join('/');
    const reference = `${shown}#${exportName}`;
    const isTool = tool === true || this.#functions.get(reference)?.tool === true;
    const { file } = fact;
    this.#functions.set(reference, { reference, specifier, exportName, file, ...(isTool ? { tool: true } : {}) });
    return reference;
  }

  /** As `findExport`, for keys that may be absent. */
  findReference(text: string | null | undefined, path: YamlPath, expected: ExpectedExport): FunctionReference | null {
    return text === null || text === undefined ? null : (this.findExport(text, path, expected)?.reference ?? null);
  }

  #fits(
    found: { kind: FunctionKind | 'unknown'; methods?: string[] },
    use: { text: string; path: YamlPath; expected: ExpectedExport },
  ): boolean {
    const { text, path, expected } = use;
    if (found.kind === 'unknown') return true;
    if (!expected.kinds.includes(found.kind)) {
      const wanted = expected.kinds.map((kind) => KIND_NAMES[kind]).join(' or ');
      this.report({
        code: 'WRONG_EXPORT',
        path,
        message: `"${text}" is ${KIND_NAMES[found.kind]}, expected ${wanted}`,
      });
      return false;
    }
    const { method } = expected;
    if (found.kind !== 'class' || method === undefined || found.methods === undefined || found.methods.includes(method))
      return true;
    this.report({
      code: 'WRONG_EXPORT',
      path,
      message: `The class "${text}" has no method ${method}()`,
      hint: nearestHint(method, found.methods) ?? `Add a method ${method}() to it.`,
      allowed: found.methods,
    });
    return false;
  }

  #reportModule(specifier: string, path: YamlPath, fact: Exclude<ModuleFact, { status: 'found' }> | undefined): void {
    if (fact?.status === 'broken') {
      this.report({ code: 'MODULE_BROKEN', path, message: `${this.#shown(fact.file)} cannot be read: ${fact.message}` });
      return;
    }
    const tried =
      fact === undefined || fact.triedFiles.length === 0 ? '' : `; looked for ${fact.triedFiles.join(', ')}`;
    const hint = specifier.startsWith('sygra.')
      ? "SyGra's own Python modules are not part of Syngraph: port this one to TypeScript in the task folder."
      : 'Create the module, or mend its name.';
    this.report({ code: 'MODULE_NOT_FOUND', path, message: `There is no module "${specifier}"${tried}`, hint });
  }

  /** A file of the task as messages name the pipeline's own. */
  #shown(file: string): string {
    return join(dirname(this.parsed.file), relative(this.parsed.taskFolder, file));
  }

  #reportMissingExport(missing: {
    fact: Extract<ModuleFact, { status: 'found' }>;
    exportName: string;
    path: YamlPath;
  }): void {
    const { fact, exportName, path } = missing;
    const names = Object.keys(fact.exports);
    this.report({
      code: 'MISSING_EXPORT',
      path,
      message: `${this.#shown(fact.file)} does not export "${exportName}"`,
      hint: nearestHint(exportName, names) ?? (fact.file.endsWith('.py') ? `Add it: def ${exportName}(…) or class ${exportName}.` : `Export it: export function ${exportName}(…) { … }`),
      allowed: names,
    });
  }
}

export function nearestHint(wrong: string, names: Iterable<string>): string | undefined {
  const nearest = nearestName(wrong, names);
  return nearest === null ? undefined : `Did you mean "${nearest}"?`;
}

const KIND_NAMES: Record<FunctionKind, string> = { function: 'a function', class: 'a class', schema: 'a zod schema', module: 'a module' };
