import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { connectClient } from '../../../worker/connect-client.ts';
import { ensureServer, stopEmbeddedServer } from '../../../worker/server/ensure-server.ts';
import { serverLost } from '../../../cli/runs/server-lost.ts';
import { workflowFailure } from '../../../cli/runs/workflow-failure.ts';
import { serverEnvironment, temporaryStore } from '../../worker/temporary-store.ts';

describe('a Temporal server that goes while a command waits for it', () => {
  let store: Awaited<ReturnType<typeof temporaryStore>>;
  let failure: unknown;

  before(async () => {
    store = await temporaryStore();
    const server = await ensureServer({ storeFolder: store.folder, environment: serverEnvironment() });
    const { client, close } = await connectClient(server);
    await server.release();
    await stopEmbeddedServer(store.folder);
    failure = await client.withDeadline(Date.now() + 2_000, () => client.workflow.getHandle('pipeline/run').describe()).catch((error: unknown) => error);
    await close();
  });
  after(() => store.remove());

  it('is named, with what to do, in place of what gRPC says', () => {
    const lost = serverLost(failure);
    assert.equal(lost?.code, 'SERVER_UNAVAILABLE', String(failure));
    assert.match(lost.message, /^the Temporal server does not answer any more/);
    assert.doesNotMatch(lost.message, /UNAVAILABLE|Resolution note|gRPC/);
    assert.match(lost.nextStep ?? '', /--resume/);
    assert.equal((workflowFailure(failure) as { code?: string }).code, 'SERVER_UNAVAILABLE');
  });

  it('is not seen in other errors', () => {
    assert.equal(serverLost(new Error('14 is no code')), null);
    assert.equal(serverLost(Object.assign(new Error('not found'), { code: 5, details: 'no such workflow' })), null);
  });
});
