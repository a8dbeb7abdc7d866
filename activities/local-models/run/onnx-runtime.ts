import { createRequire } from 'node:module';
import type * as OnnxRuntime from 'onnxruntime-node';
import { availableParallelism } from 'node:os';
import { LocalModelError } from '../local-model-error.ts';

let loaded: typeof OnnxRuntime | null = null;

/** ONNX Runtime, loaded when first needed: a native library of 20 MB. */
export function onnxRuntime(): typeof OnnxRuntime {
  try {
    loaded ??= createRequire(import.meta.url)('onnxruntime-node') as typeof OnnxRuntime;
  } catch (error) {
    throw new LocalModelError(`onnxruntime-node cannot be loaded on ${process.platform} ${process.arch}: ${(error as Error).message}`);
  }
  return loaded;
}

/** A session on all cores. @throws LocalModelError where the graph cannot be read */
export async function openSession(path: string): Promise<OnnxRuntime.InferenceSession> {
  const { InferenceSession } = onnxRuntime();
  try {
    return await InferenceSession.create(path, {
      intraOpNumThreads: availableParallelism(),
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      // Errors only: the runtime warns of what its own optimiser leaves.
      logSeverityLevel: 3,
    });
  } catch (error) {
    throw new LocalModelError(`${path} cannot be loaded: ${(error as Error).message}`);
  }
}
