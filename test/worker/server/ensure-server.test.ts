import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectClient } from '../../../worker/connect-client.ts';
import { ensureServer, findServer, stopEmbeddedServer } from '../../../worker/server/ensure-server.ts';
import { writeServerState, type ServerState } from '../../../worker/server/server-state.ts';
import { processStartTime } from '../../../activities/cache/process-identity.ts';
import { serverEnvironment, temporaryStore } from '../temporary-store.ts';

const WAIT_MILLISECONDS = 60_000;

describe('ensureServer', () => {
  let store: Awaited<ReturnType<typeof temporaryStore>>;
  let environment: NodeJS.ProcessEnv;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    store = await temporaryStore();
    environment = serverEnvironment();
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await store.remove();
  });

  const readState = async (): Promise<ServerState> => JSON.parse(await readFile(join(store.folder, 'server.json'), 'utf8')) as ServerState;

  const startUser = async (): Promise<ChildProcess> => {
    const module = join(import.meta.dirname, '../../../worker/server/ensure-server.ts');
    const code = `import { ensureServer } from ${JSON.stringify(module)};
      await ensureServer({ storeFolder: ${JSON.stringify(store.folder)}, environment: process.env });
      console.log('ready');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    return child;
  };

  const hasEnded = async (pid: number): Promise<boolean> => {
    for (const deadline = Date.now() + WAIT_MILLISECONDS; Date.now() < deadline; await sleep(20)) {
      if (processStartTime(pid) === null) return true;
    }
    return false;
  };

  it('starts a server on loopback with our search attributes, and stops it with its last user', async () => {
    const first = await ensureServer({ storeFolder: store.folder, environment });
    assert.match(first.address, /^127\.0\.0\.1:\d+$/);
    assert.equal((await fetch(first.uiUrl as string)).status, 200);
    const { client, close } = await connectClient(first);
    const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace: first.namespace });
    assert.equal(Number(customAttributes.SyngraphRun), 2);
    assert.equal(Object.keys(customAttributes).filter((name) => name.startsWith('Syngraph')).length, 5);
    await close();

    const second = await ensureServer({ storeFolder: store.folder, environment });
    assert.equal(second.address, first.address);
    const { pid } = await readState();
    await first.release();
    assert.notEqual(processStartTime(pid), null);
    await second.release();
    await second.release();
    assert.ok(await hasEnded(pid));
    assert.equal(await findServer({ storeFolder: store.folder, environment }), null);
  });

  it('gives processes that start at once the same server', async () => {
    const handles = await Promise.all([1, 2, 3].map(() => ensureServer({ storeFolder: store.folder, environment })));
    assert.equal(new Set(handles.map(({ address }) => address)).size, 1);
    await Promise.all(handles.map(({ release }) => release()));
  });

  it('starts again after the server was killed, with what it had kept', async () => {
    const first = await ensureServer({ storeFolder: store.folder, environment });
    const before = await connectClient(first);
    await before.client.workflow.start('pipeline', { taskQueue: 'nobody', workflowId: 'kept/run' });
    await before.close();
    process.kill((await readState()).pid, 'SIGKILL');

    const second = await ensureServer({ storeFolder: store.folder, environment });
    const after = await connectClient(second);
    assert.equal((await after.client.workflow.getHandle('kept/run').describe()).status.name, 'RUNNING');
    await after.close();
    await second.release();
  });

  it('starts another where the process of the last one still runs but nobody answers', async () => {
    const first = await ensureServer({ storeFolder: store.folder, environment });
    const state = await readState();
    await first.release();
    assert.ok(await hasEnded(state.pid));
    const silent = spawn('sleep', ['60'], { stdio: 'ignore' });
    children.push(silent);
    await writeServerState(store.folder, { ...state, pid: silent.pid as number, startTime: processStartTime(silent.pid as number) as string, phase: 'ready' });

    const second = await ensureServer({ storeFolder: store.folder, environment });
    assert.notEqual((await readState()).pid, silent.pid);
    assert.ok(await hasEnded(silent.pid as number));
    const { close } = await connectClient(second);
    await close();
    await second.release();
  });

  it('does not count users that were killed', async () => {
    const user = await startUser();
    const { pid } = await readState();
    user.kill('SIGKILL');
    await once(user, 'exit');
    assert.notEqual(processStartTime(pid), null, 'the server outlives its user');
    const handle = await ensureServer({ storeFolder: store.folder, environment });
    assert.equal((await readState()).pid, pid);
    await handle.release();
    assert.ok(await hasEnded(pid));
  });

  it('ends a server whose starter was killed before it was checked, and starts one of its own', async () => {
    const handle = await ensureServer({ storeFolder: store.folder, environment });
    const abandoned = await readState();
    await writeServerState(store.folder, { ...abandoned, phase: 'starting' });
    assert.equal(await findServer({ storeFolder: store.folder, environment }), null);
    const next = await ensureServer({ storeFolder: store.folder, environment });
    assert.equal(processStartTime(abandoned.pid), null);
    assert.notEqual((await readState()).pid, abandoned.pid);
    await handle.release();
    await next.release();
  });

  it('leaves the server to other living processes', async () => {
    await startUser();
    const handle = await ensureServer({ storeFolder: store.folder, environment });
    await handle.release();
    const { pid, phase } = await readState();
    assert.equal(phase, 'ready');
    assert.notEqual(processStartTime(pid), null);
  });

  it('keeps a persistent server until it is stopped', async () => {
    const handle = await ensureServer({ storeFolder: store.folder, environment, persistent: true });
    await handle.release();
    assert.equal((await findServer({ storeFolder: store.folder, environment }))?.address, handle.address);
    assert.equal(await stopEmbeddedServer(store.folder), true);
    assert.equal(await stopEmbeddedServer(store.folder), false);
  });

  it('takes the next pair of ports when the wanted one is taken', async () => {
    const wanted = Number(environment.SYNGRAPH_TEMPORAL_PORT);
    const squatter = createServer().listen(wanted + 1000, '127.0.0.1');
    await once(squatter, 'listening');
    const handle = await ensureServer({ storeFolder: store.folder, environment });
    squatter.close();
    assert.notEqual(handle.address, `127.0.0.1:${wanted}`);
    await handle.release();
  });

  it('uses a configured server, and refuses one that lacks search attributes with the command that adds them', async () => {
    const own = await ensureServer({ storeFolder: store.folder, environment });
    const configured = { ...environment, TEMPORAL_ADDRESS: own.address };
    const found = await ensureServer({ storeFolder: join(store.folder, 'other'), environment: configured });
    assert.deepEqual([found.address, found.isEmbedded], [own.address, false]);

    const { client, close } = await connectClient(own);
    await client.workflowService.registerNamespace({ namespace: 'bare', workflowExecutionRetentionPeriod: { seconds: 86_400 as never } });
    await close();
    const refusal = async (): Promise<void> => {
      await ensureServer({ storeFolder: store.folder, environment: { ...configured, TEMPORAL_NAMESPACE: 'bare' } });
    };
    await assert.rejects(refusal, { code: 'SERVER_INCOMPATIBLE', nextStep: /search-attribute create .*--namespace bare .*--name SyngraphRun --type Keyword/ });
    await own.release();
  });

  it('reads the profile file in the user’s configuration folder, without any variable', async () => {
    // On macOS the folder is another one; HOME serves both.
    for (const folder of [join('.config', 'temporalio'), join('Library', 'Application Support', 'temporalio')]) {
      await mkdir(join(store.folder, folder), { recursive: true });
      await writeFile(join(store.folder, folder, 'temporal.toml'), '[profile.default]\naddress = "elsewhere:7233"\nnamespace = "mine"\n');
    }
    const { XDG_CONFIG_HOME: _, TEMPORAL_CONFIG_FILE: __, ...others } = environment;
    const found = await findServer({ storeFolder: store.folder, environment: { ...others, HOME: store.folder } });
    assert.deepEqual([found?.address, found?.namespace], ['elsewhere:7233', 'mine']);
  });

  it('names the log when the server ends at once', async () => {
    const broken = { ...environment, SYNGRAPH_TEMPORAL_CLI: '/bin/false' };
    await assert.rejects(ensureServer({ storeFolder: store.folder, environment: broken }), { code: 'SERVER_UNAVAILABLE', nextStep: /temporal-server\.log/ });
  });
});
