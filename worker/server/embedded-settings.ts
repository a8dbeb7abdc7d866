import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../activities/package-root.ts';

/** The `x-embedded` section of temporal-dev.yml. */
export interface EmbeddedSettings {
  port: number;
  uiPort: number;
  namespace: string;
  /** Relative to the store's folder, as `logFile` is. */
  databaseFile: string;
  logFile: string;
  logLevel: string;
  sqlitePragmas: Record<string, string>;
  /** Name to type; at most 6, so that there is room left for the user's own. */
  searchAttributes: Record<string, string>;
  dynamicConfig: Record<string, unknown>;
}

/** Put here by the build, for reading YAML takes 20 ms of a start; undeclared where sources run. */
declare const SYNGRAPH_EMBEDDED_SETTINGS: EmbeddedSettings;

export async function readEmbeddedSettings(): Promise<EmbeddedSettings> {
  if (typeof SYNGRAPH_EMBEDDED_SETTINGS !== 'undefined') return SYNGRAPH_EMBEDDED_SETTINGS;
  const { parse } = await import('yaml');
  const text = await readFile(join(packageRoot(), 'temporal-dev.yml'), 'utf8');
  return (parse(text) as { 'x-embedded': EmbeddedSettings })['x-embedded'];
}
