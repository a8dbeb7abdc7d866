import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { withFileLock } from '../../activities/cache/file-lock.ts';
import { createDataConverter } from '../codec/create-data-converter.ts';
import { checkConfiguredServer, configuredServer } from './external-server.ts';
import { addSearchAttributes, missingSearchAttributes } from './search-attributes.ts';
import type { ServerHandle } from './server-handle.ts';
import { readServerState, removeServerState, writeServerState, type ServerState } from './server-state.ts';
import { addServerUser, listServerUsers } from './server-users.ts';
import { startEmbeddedServer } from './start-embedded-server.ts';
import { tellToEnd, waitForEnd } from './stop-process.ts';
import { acceptsConnections } from './wait-for-port.ts';

export interface EnsureServerOptions {
  /** Folder of the store, where the embedded server keeps database, log and state. */
  storeFolder: string;
  environment: NodeJS.ProcessEnv;
  /** Told what takes time, a line each. Default: nothing. */
  onProgress?: (line: string) => void;
  /** The server stays when its last user leaves (`syngraph up`). Default false. */
  persistent?: boolean;
  /** A server had to be launched, and boots by itself now: time for other work. */
  onLaunched?: () => void;
}

/**
 * A Temporal server that answers: the configured one, else the one that already runs for this
 * store, else a new one. Call `release` on the handle when done.
 * @throws SyngraphError SERVER_UNAVAILABLE, SERVER_INCOMPATIBLE
 */
export async function ensureServer(options: EnsureServerOptions): Promise<ServerHandle> {
  const configured = await configuredServer(options.environment);
  if (configured !== null) {
    await checkConfiguredServer(configured);
    return configured;
  }
  const storeFolder = resolve(options.storeFolder);
  return withServerLock(storeFolder, async () => {
    const user = await addServerUser(storeFolder);
    try {
      const state = await runningServer(storeFolder) ?? (await newServer({ ...options, storeFolder }));
      if (options.persistent === true && !state.persistent) await writeServerState(storeFolder, { ...state, persistent: true });
      return await handleOf(state, { environment: options.environment, release: once(() => releaseServer(storeFolder, user)) });
    } catch (error) {
      await rm(user, { force: true });
      throw error;
    }
  });
}

/** The server that `ensureServer` would give without starting one; null where it would start one. Its `release` does nothing. */
export async function findServer(options: Pick<EnsureServerOptions, 'storeFolder' | 'environment'>): Promise<ServerHandle | null> {
  const configured = await configuredServer(options.environment);
  if (configured !== null) return configured;
  const state = await readServerState(resolve(options.storeFolder));
  return state?.phase !== 'ready' ? null : handleOf(state, { environment: options.environment, release: async () => undefined });
}

/**
 * Ends the store's embedded server (`syngraph down`), whoever started it; runs in progress stay
 * resumable. Resolves to false when none ran.
 */
export async function stopEmbeddedServer(storeFolder: string): Promise<boolean> {
  const folder = resolve(storeFolder);
  return withServerLock(folder, async () => {
    const state = await readServerState(folder);
    if (state === null) return false;
    tellToEnd(state);
    await waitForEnd(state);
    await removeServerState(folder);
    return true;
  });
}

async function runningServer(storeFolder: string): Promise<ServerState | null> {
  const state = await readServerState(storeFolder);
  if (state === null) return null;
  // A server that was killed this moment still has its process, but no door any more.
  if (state.phase === 'ready' && (await acceptsConnections(Number(state.address.split(':')[1])))) return state;
  tellToEnd(state);
  await waitForEnd(state);
  return null;
}

async function newServer(options: EnsureServerOptions): Promise<ServerState> {
  const { storeFolder, onProgress = () => undefined, persistent = false } = options;
  const state = await startEmbeddedServer({
    ...options,
    onProgress,
    persistent,
    onLaunched: async (launched) => {
      await writeServerState(storeFolder, launched);
      options.onLaunched?.();
      // Needed next, and takes about as long to load as the server to boot; a failure shows there.
      import('@temporalio/client').catch(() => undefined);
    },
    check: completeServer,
  });
  const ready: ServerState = { ...state, phase: 'ready' };
  await writeServerState(storeFolder, ready);
  return ready;
}

/** A database from before an attribute was added to temporal-dev.yml lacks it. */
async function completeServer({ address, namespace }: ServerState): Promise<void> {
  const { Connection } = await import('@temporalio/client');
  const connection = await Connection.connect({ address, connectTimeout: '10s' });
  try {
    const server = { connection, address, namespace };
    await addSearchAttributes(server, await missingSearchAttributes(server));
  } finally {
    await connection.close();
  }
}

async function releaseServer(storeFolder: string, user: string): Promise<void> {
  await withServerLock(storeFolder, async () => {
    await rm(user, { force: true });
    const state = await readServerState(storeFolder);
    if (state === null || state.persistent || state.phase === 'stopping') return;
    if ((await listServerUsers(storeFolder)).length > 0) return;
    await writeServerState(storeFolder, { ...state, phase: 'stopping' });
    tellToEnd(state);
  });
}

async function handleOf(state: ServerState, { environment, release }: { environment: NodeJS.ProcessEnv; release: () => Promise<void> }): Promise<ServerHandle> {
  const { address, namespace, uiUrl } = state;
  const dataConverter = await createDataConverter(environment);
  const handle = { address, namespace, uiUrl, connectionOptions: { address, grpcCompression: { codec: 'none' as const } }, isEmbedded: true, release };
  return dataConverter === undefined ? handle : { ...handle, dataConverter };
}

function withServerLock<Result>(storeFolder: string, work: () => Promise<Result>): Promise<Result> {
  return withFileLock(join(storeFolder, 'server.lock'), work);
}

function once(work: () => Promise<void>): () => Promise<void> {
  let result: Promise<void> | undefined;
  return () => (result ??= work());
}
