/** Runs in a worker thread: converts one model, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { LocalModelError } from '../local-model-error.ts';
import type { Conversion } from './conversion.ts';
import { convertGguf } from './convert-gguf.ts';
import { convertSentenceEncoder } from './convert-sentence-encoder.ts';

export interface ConvertRequest extends Conversion {
  /** Made by the thread. */
  folder: string;
}

const CONVERTERS = { gguf: convertGguf, 'sentence-encoder': convertSentenceEncoder };

/** What the thread says before it ends; `problem` is a fault of the file. */
export interface ConvertOutcome {
  problem: string | null;
}

if (parentPort === null) throw new Error('convert-thread runs in a worker thread only');
try {
  const { kind, source, folder } = workerData as ConvertRequest;
  CONVERTERS[kind]({ source, folder });
  parentPort.postMessage({ problem: null } satisfies ConvertOutcome);
} catch (error) {
  if (!(error instanceof LocalModelError)) throw error;
  parentPort.postMessage({ problem: error.message } satisfies ConvertOutcome);
}
