import type { ExportFact } from '../../pipeline/facts.ts';

const SCHEMA_EXPRESSION = /^(z|zod|\w+\.z)\.\w+/;
const FUNCTION_EXPRESSION = /^(async\s*)?(function\b|\(|\w+\s*=>)/;
const METHOD_LINE = /^ {2}(?:static )?(?:async )?\*?([A-Za-z_$][\w$]*)(?:\(| = (?:async )?(?:\(|function\b|\w+ =>))/gm;
/** Aliases and base classes may go in circles in code that is not valid. */
const DEEPEST = 20;
const NOT_METHODS = new Set(['constructor', 'get', 'set', 'static']);

/**
 * Tells what the exports of a module are from its text as esbuild prints it: declarations at column
 * 0, members of classes at column 2, the names exported in one list at the end. Reading it is enough,
 * so user code is not run to validate a pipeline.
 */
export function readDeclarations(code: string, exportNames: string[]): Record<string, ExportFact> {
  const localNames = readExportList(code);
  return Object.fromEntries(exportNames.map((name) => [name, declarationFact(code, localNames.get(name) ?? name)]));
}

function readExportList(code: string): Map<string, string> {
  const lists = [...code.matchAll(/^export \{\n([^}]*)\n\};?$/gm)];
  const entries = (lists.at(-1)?.[1] ?? '').split(',').map((entry) => entry.trim());
  return new Map(
    entries.map((entry) => {
      const [local = '', exported = local] = entry.split(' as ');
      return [exported, local];
    }),
  );
}

function declarationFact(code: string, name: string, depth = 0): ExportFact {
  const escaped = name.replaceAll('$', '\\$');
  if (new RegExp(`^(async )?function\\*? ${escaped}\\(`, 'm').test(code)) return { kind: 'function' };
  const value = new RegExp(`^(?:(?:var|let|const) ${escaped} = |(?=class ${escaped}\\b))(.*)$`, 'm').exec(code);
  if (value === null) return { kind: 'unknown' };
  const expression = value[1] ?? '';
  if (/^class\b/.test(expression)) {
    const methods = classMethods(code, value.index);
    return methods === null ? { kind: 'class' } : { kind: 'class', methods };
  }
  if (SCHEMA_EXPRESSION.test(expression)) return { kind: 'schema' };
  const alias = /^([\w$]+);$/.exec(expression)?.[1];
  if (alias !== undefined && depth < DEEPEST) return declarationFact(code, alias, depth + 1);
  if (isFunctionExpression(code, value.index, expression)) return { kind: 'function' };
  return { kind: 'unknown' };
}

/** `(a + b) * 2` begins like an arrow function too, so the arrow has to be there. */
function isFunctionExpression(code: string, start: number, expression: string): boolean {
  if (!FUNCTION_EXPRESSION.test(expression)) return false;
  if (/^(async\s*)?function\b/.test(expression)) return true;
  const end = code.indexOf('\n}', start);
  return /^(async\s*)?(\w+|\([^;]*?\)) =>/s.test(
    code.slice(code.indexOf(expression, start), end === -1 ? undefined : end),
  );
}

/** Methods with those of base classes; null where a base class is not in the text. */
function classMethods(code: string, start: number, depth = 0): string[] | null {
  const end = code.indexOf('\n}', start);
  const body = code.slice(start, end === -1 ? undefined : end);
  const own = [...body.matchAll(METHOD_LINE)].map((match) => match[1] ?? '').filter((name) => !NOT_METHODS.has(name));
  const base = /^[^\n]*? extends (.+?) \{/.exec(body)?.[1];
  if (base === undefined) return own;
  const declared = /^[\w$]+$/.test(base) ? findClass(code, base.replaceAll('$', '\\$')) : null;
  if (declared === null || depth > DEEPEST) return null;
  const inherited = classMethods(code, declared.index, depth + 1);
  return inherited === null ? null : [...new Set([...own, ...inherited])];
}

function findClass(code: string, escapedName: string): RegExpExecArray | null {
  return new RegExp(`^(?:(?:var|let|const) ${escapedName} = class\\b|class ${escapedName}\\b)`, 'm').exec(code);
}
