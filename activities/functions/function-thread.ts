// Runs in a worker thread of its own: the one place where the task's code is executed.
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';

import { CallRunner } from './call-runner.ts';
import { Slot } from './thread-protocol.ts';
import type { CallGroup, ThreadData, ThreadMessage } from './thread-protocol.ts';
import { describeUserFailure } from './user-failure.ts';

const { bundlePath, slots } = workerData as ThreadData;
const port = parentPort;
if (port === null) throw new Error('function-thread is the entry of a worker thread and cannot be imported');

const post = (message: ThreadMessage): void => {
  port.postMessage(message);
};

process.setSourceMapsEnabled(true);
try {
  const bundle = (await import(pathToFileURL(bundlePath).href)) as { functions: Record<string, unknown> };
  const state = new Int32Array(slots);
  const runner = new CallRunner({ functions: bundle.functions, state, post });
  Atomics.store(state, Slot.loaded, 1);
  port.on('message', (groups: CallGroup[]) => {
    runner.run(groups);
  });
} catch (error) {
  post({ kind: 'load-failed', failure: describeUserFailure(error) });
}
