import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isProcessRunning, type ProcessIdentity } from '../../activities/cache/process-identity.ts';

/** What `<store>/server.json` says about the server that this store's processes share. */
export interface ServerState extends ProcessIdentity {
  /** host:port of gRPC. */
  address: string;
  uiUrl: string;
  namespace: string;
  /** Started by `syngraph up`: stays when nobody uses it any more. */
  persistent: boolean;
  /**
   * `starting` until it has been checked; found by anybody else, its starter was killed. `stopping`
   * once it has been told to end. Either way whoever wants a server waits until it has ended, since
   * two servers on one database would ruin it.
   */
  phase: 'starting' | 'ready' | 'stopping';
}

/** null when there is none, or its process has ended. */
export async function readServerState(storeFolder: string): Promise<ServerState | null> {
  let text: string;
  try {
    text = await readFile(statePath(storeFolder), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const state = JSON.parse(text) as ServerState;
  return isProcessRunning(state) ? state : null;
}

export async function writeServerState(storeFolder: string, state: ServerState): Promise<void> {
  await mkdir(storeFolder, { recursive: true });
  const temporary = `${statePath(storeFolder)}.${process.pid}`;
  await writeFile(temporary, `${JSON.stringify(state, null, 2)}\n`);
  await rename(temporary, statePath(storeFolder));
}

export async function removeServerState(storeFolder: string): Promise<void> {
  await rm(statePath(storeFolder), { force: true });
}

function statePath(storeFolder: string): string {
  return join(storeFolder, 'server.json');
}
