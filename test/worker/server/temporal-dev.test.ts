import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
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
  services: Record<string, ComposeService>;
  volumes: Record<string, unknown>;
  'x-embedded': EmbeddedSettings;
}

describe('temporal-dev.yml', async () => {
  const file = parse(await readFile(join(packageRoot(), 'temporal-dev.yml'), 'utf8')) as ComposeFile;

  it('is a Compose file of PostgreSQL, server, Web UI and worker', () => {
    const allowed = new Set(['name', 'services', 'volumes', 'networks', 'configs', 'secrets']);
    assert.deepEqual(Object.keys(file).filter((key) => !allowed.has(key) && !key.startsWith('x-')), []);
    assert.deepEqual(Object.keys(file.services).sort(), ['postgresql', 'search-attributes', 'temporal', 'ui', 'worker']);
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
