import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Members of a union of string literals, as its source file writes them: types leave nothing behind at run time. */
function unionMembers(path: string, name: string): string[] {
  const body = new RegExp(`export type ${name} =([^;]*);`).exec(read(path))?.[1] ?? '';
  return [...body.matchAll(/^\s*\| '([A-Z0-9_]+)'/gm)].map(([, code]) => code ?? '');
}

function schemaKeys(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = 'properties' in value && typeof value.properties === 'object' ? Object.keys(value.properties ?? {}) : [];
  return [...own, ...Object.values(value).flatMap(schemaKeys)];
}

test('documents every error code and every diagnostic', () => {
  const page = read('docs/errors.md');
  const [errors, diagnostics] = page.split('## Diagnostics');
  const errorCodes = unionMembers('pipeline/errors.ts', 'SyngraphErrorCode');
  const diagnosticCodes = unionMembers('pipeline/diagnostics.ts', 'DiagnosticCode');
  assert.ok(errorCodes.length > 25 && diagnosticCodes.length > 25);
  assert.deepEqual(errorCodes.filter((code) => !errors?.includes(`\`${code}\``)), []);
  assert.deepEqual(diagnosticCodes.filter((code) => !diagnostics?.includes(`\`${code}\``)), []);
});

test('documents no code that does not exist', () => {
  const known = new Set([...unionMembers('pipeline/errors.ts', 'SyngraphErrorCode'), ...unionMembers('pipeline/diagnostics.ts', 'DiagnosticCode')]);
  const rows = read('docs/errors.md').split('\n').filter((line) => line.startsWith('| `'));
  const codes = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([A-Z0-9_]+)`/g)].map(([, code]) => code ?? ''));
  assert.deepEqual(codes.filter((code) => !known.has(code)), []);
});

test('documents every key of the pipeline file', () => {
  const page = read('docs/pipeline-format.md');
  const keys = new Set(schemaKeys(JSON.parse(read('schema/pipeline.schema.json'))));
  assert.ok(keys.size > 40);
  const mentioned = (key: string): boolean => new RegExp(`[\`{ ]${key}[\`:,} ]`).test(page);
  assert.deepEqual([...keys].filter((key) => !mentioned(key)), []);
});
