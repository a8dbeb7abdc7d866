import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const DOCS = join(import.meta.dirname, '..', '..', 'docs');
const PAGE = readFileSync(join(DOCS, 'sygra-keys.md'), 'utf8');

test('the table of keys names only files that are there', () => {
  const links = [...PAGE.matchAll(/\]\(([^)]+)\)/g)].map(([, path]) => path!);
  assert.ok(links.length > 80);
  assert.deepEqual(links.filter((path) => !existsSync(join(DOCS, path))), []);
});

test('every key that a schema ignores or refuses is in the table, with the reason', () => {
  const folder = join(DOCS, '..', 'pipeline', 'schema');
  const files = ['data-schema.ts', 'sink-schema.ts', 'source-schema.ts', 'model-schema.ts', 'pipeline-schema.ts', 'structured-output.ts'];
  const keys = files.flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(/^ +(\w+): (?:ignored\(|refused\(|\{\s*level:)/gm)].map(([, key]) => key!),
  );
  assert.ok(keys.length > 5, keys.join());
  assert.deepEqual([...new Set(keys)].filter((key) => !new RegExp(`\`${key}[ \`:]`).test(PAGE)), []);
});
