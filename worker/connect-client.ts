import { Client, Connection } from '@temporalio/client';
import type { ServerHandle } from './server/server-handle.ts';

export interface ConnectedClient {
  client: Client;
  close: () => Promise<void>;
}

/** A Temporal client of the server that `ensureServer` found. */
export async function connectClient(server: Pick<ServerHandle, 'connectionOptions' | 'namespace' | 'dataConverter'>): Promise<ConnectedClient> {
  const { dataConverter } = server;
  const connection = await Connection.connect({ ...server.connectionOptions, connectTimeout: '10s' });
  return { client: new Client({ connection, namespace: server.namespace, ...(dataConverter === undefined ? {} : { dataConverter }) }), close: () => connection.close() };
}
