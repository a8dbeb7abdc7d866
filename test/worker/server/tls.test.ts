import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createServer, type Server } from 'node:tls';
import { connectClient } from '../../../worker/connect-client.ts';
import { ensureServer } from '../../../worker/server/ensure-server.ts';
import type { ServerHandle } from '../../../worker/server/server-handle.ts';
import { serverEnvironment, temporaryStore } from '../temporary-store.ts';

/** An endpoint as Temporal Cloud's: TLS, a client certificate of its own authority, plain gRPC behind it. */
describe('a server behind TLS', () => {
  let store: Awaited<ReturnType<typeof temporaryStore>>;
  let own: ServerHandle;
  let front: Server;
  let variables: Record<string, string>;
  const authorizations: boolean[] = [];

  before(async () => {
    store = await temporaryStore();
    const openssl = (...words: string[]): void => {
      const { status, stderr } = spawnSync('openssl', words, { cwd: store.folder, encoding: 'utf8' });
      assert.equal(status, 0, stderr);
    };
    const key = ['-newkey', 'rsa:2048', '-nodes', '-batch'];
    openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Test authority', '-days', '2');
    for (const [name, alternative] of [['server', 'DNS:temporal.example'], ['client', 'DNS:worker.example']] as const) {
      openssl('req', '-x509', ...key, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-keyout', `${name}.key`, '-out', `${name}.pem`, '-subj', `/CN=${name}`, '-addext', `subjectAltName=${alternative}`, '-addext', 'basicConstraints=critical,CA:FALSE', '-days', '2');
    }
    own = await ensureServer({ storeFolder: store.folder, environment: serverEnvironment() });
    const port = Number(own.address.split(':')[1]);
    const read = (name: string): Promise<Buffer> => readFile(join(store.folder, name));
    const [ca, cert, privateKey] = await Promise.all([read('ca.pem'), read('server.pem'), read('server.key')]);
    front = createServer({ ca, cert, key: privateKey, requestCert: true, rejectUnauthorized: true, ALPNProtocols: ['h2'] }, (socket) => {
      authorizations.push(socket.authorized);
      const behind = connect(port, '127.0.0.1');
      socket.pipe(behind).pipe(socket);
      for (const each of [socket, behind]) each.on('error', () => (socket.destroy(), behind.destroy()));
    });
    // A client without a certificate is cut off in the handshake.
    front.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
    variables = {
      TEMPORAL_ADDRESS: `127.0.0.1:${(front.address() as AddressInfo).port}`,
      TEMPORAL_TLS: 'true',
      TEMPORAL_TLS_SERVER_NAME: 'temporal.example',
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: join(store.folder, 'ca.pem'),
      TEMPORAL_TLS_CLIENT_CERT_PATH: join(store.folder, 'client.pem'),
      TEMPORAL_TLS_CLIENT_KEY_PATH: join(store.folder, 'client.key'),
    };
  });
  after(async () => {
    front.close();
    await own.release();
    await store.remove();
  });

  const open = (changes: Record<string, string | undefined> = {}): Promise<ServerHandle> =>
    ensureServer({ storeFolder: join(store.folder, 'other'), environment: { ...serverEnvironment(), ...variables, ...changes } });

  it('is reached with a client certificate by the standard variables', async () => {
    const server = await open();
    const { client, close } = await connectClient(server);
    await client.workflow.start('pipeline', { taskQueue: 'nobody', workflowId: 'over-tls' });
    assert.equal((await client.workflow.getHandle('over-tls').describe()).status.name, 'RUNNING');
    await close();
    assert.ok(authorizations.length > 0 && authorizations.every(Boolean));
  });

  it('is refused where its certificate is of another authority or name, and refuses those without one', async () => {
    const unavailable = { code: 'SERVER_UNAVAILABLE' };
    // At once: each waits for its connection in vain.
    await Promise.all(
      [
        { TEMPORAL_TLS_SERVER_NAME: 'other.example' },
        { TEMPORAL_TLS_SERVER_CA_CERT_PATH: undefined },
        { TEMPORAL_TLS_CLIENT_CERT_PATH: undefined, TEMPORAL_TLS_CLIENT_KEY_PATH: undefined },
      ].map((changes) => assert.rejects(open(changes), unavailable)),
    );
  });
});
