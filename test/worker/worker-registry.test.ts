import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { machineName } from '../../activities/cache/machine-name.ts';
import { processStartTime } from '../../activities/cache/process-identity.ts';
import { workerIdentity } from '../../worker/worker-identity.ts';
import { openWorkerRegistry } from '../../worker/worker-registry.ts';

describe('registry of the workers of a machine', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'syngraph-workers-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('hands each killed worker to one caller, and leaves the living and those of other servers alone', async () => {
    const child = spawn('sleep', ['60']);
    const identity = `syngraph:${machineName()}:${child.pid}:${processStartTime(child.pid as number)}`;
    const registry = openWorkerRegistry(join(folder, 'workers'), 'localhost:7233/default');
    assert.deepEqual(await registry.takeDead(), []);
    await registry.announce(identity);
    await registry.announce(workerIdentity());
    assert.deepEqual(await registry.takeDead(), []);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const elsewhere = openWorkerRegistry(join(folder, 'workers'), 'localhost:7233/other');
    assert.deepEqual(await elsewhere.takeDead(), []);
    const taken = await Promise.all(Array.from({ length: 5 }, () => registry.takeDead()));
    assert.deepEqual(taken.flat(), [identity]);
    await registry.retract(workerIdentity());
    assert.deepEqual(await readdir(join(folder, 'workers')), []);
  });

  it('takes no worker of another machine for dead, and nothing that is no worker', async () => {
    const registry = openWorkerRegistry(folder, 'here');
    await registry.announce('syngraph:another-machine~12345678:1:1');
    await registry.announce('12345@somebody');
    await writeFile(join(folder, 'torn.json'), '{"identity":"syng');
    assert.deepEqual(await registry.takeDead(), []);
  });
});
