import type { ConnectedClient } from '../../worker/connect-client.ts';
import type { ServerHandle } from '../../worker/server/server-handle.ts';
import type { CommandContext } from '../context.ts';

/** A Temporal server and a client of it, for as long as a command needs them. */
export interface OpenServer {
  server: ServerHandle;
  client: ConnectedClient['client'];
  close: () => Promise<void>;
}

/** Finds or starts the server. @throws SyngraphError SERVER_UNAVAILABLE, SERVER_INCOMPATIBLE */
export async function openServer(context: CommandContext, options: { persistent?: boolean; onLaunched?: () => void } = {}): Promise<OpenServer> {
  const { ensureServer } = await import('../../worker/server/ensure-server.ts');
  const server = await ensureServer({
    storeFolder: context.storeFolder,
    environment: context.environment,
    onProgress: (line) => context.terminal.note(line),
    ...options,
  });
  try {
    return await connected(server);
  } catch (error) {
    await server.release();
    throw error;
  }
}

/** The server if one is there already: nothing is started. null where none is or none answers. */
export async function findOpenServer(context: CommandContext): Promise<OpenServer | null> {
  const { findServer } = await import('../../worker/server/ensure-server.ts');
  const server = await findServer({ storeFolder: context.storeFolder, environment: context.environment });
  if (server === null) return null;
  try {
    return await connected(server);
  } catch (error) {
    context.terminal.note(`The Temporal server at ${server.address} does not answer: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

async function connected(server: ServerHandle): Promise<OpenServer> {
  const { connectClient } = await import('../../worker/connect-client.ts');
  const { client, close } = await connectClient(server);
  return {
    server,
    client,
    async close() {
      // In this order: calls that a connection loses by being closed are tried again on it, which throws out of a timer.
      await server.release();
      await close();
    },
  };
}
