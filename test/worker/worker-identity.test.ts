import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { machineName } from '../../activities/cache/machine-name.ts';
import { processStartTime } from '../../activities/cache/process-identity.ts';
import { isProcessAlive, parseWorkerIdentity, workerIdentity } from '../../worker/worker-identity.ts';

describe('worker identity', () => {
  it('names host, pid and start time of this process, which is alive', () => {
    const own = workerIdentity();
    assert.deepEqual(parseWorkerIdentity(own), { host: machineName(), pid: process.pid, startTime: processStartTime(process.pid) });
    assert.equal(isProcessAlive(own), true);
  });

  it('is dead once its process has ended, and when its pid is somebody else', async () => {
    const child = spawn('sleep', ['60']);
    const identity = `syngraph:${machineName()}:${child.pid}:${processStartTime(child.pid as number)}`;
    assert.equal(isProcessAlive(identity), true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(isProcessAlive(identity), false);
    assert.equal(isProcessAlive(`syngraph:${machineName()}:${process.pid}:1`), false);
  });

  it('counts as alive wherever death is not proven: other hosts, other makers', () => {
    assert.equal(isProcessAlive('syngraph:another-host:1:1'), true);
    // Another machine of the same name, or a container beside this one.
    assert.equal(isProcessAlive(`syngraph:${machineName().split('~')[0]}~00000000:1:1`), true);
    assert.equal(isProcessAlive('12345@somewhere'), true);
    assert.equal(parseWorkerIdentity('12345@somewhere'), null);
  });
});
