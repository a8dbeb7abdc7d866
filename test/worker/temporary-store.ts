import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopEmbeddedServer } from '../../worker/server/ensure-server.ts';

/** An empty store; `remove` ends the server that runs for it, if one does. */
export async function temporaryStore(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'syngraph-store-'));
  return {
    folder,
    remove: async () => {
      await stopEmbeddedServer(folder);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** This process's environment without a configured server, on ports of its own. */
export function serverEnvironment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const plain = Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_'));
  return { ...Object.fromEntries(plain), TEMPORAL_CONFIG_FILE: '/nonexistent/temporal.toml', SYNGRAPH_TEMPORAL_PORT: String(10_000 + Math.floor(Math.random() * 20_000)), ...extra };
}
