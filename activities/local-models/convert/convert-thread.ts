/** Runs in a worker thread: converts one GGUF file, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { LocalModelError } from '../local-model-error.ts';
import { convertGguf, type ConvertGguf } from './convert-gguf.ts';

/** What the thread says before it ends; `problem` is a fault of the file. */
export interface ConvertOutcome {
  problem: string | null;
}

if (parentPort === null) throw new Error('convert-thread runs in a worker thread only');
try {
  convertGguf(workerData as ConvertGguf);
  parentPort.postMessage({ problem: null } satisfies ConvertOutcome);
} catch (error) {
  if (!(error instanceof LocalModelError)) throw error;
  parentPort.postMessage({ problem: error.message } satisfies ConvertOutcome);
}
