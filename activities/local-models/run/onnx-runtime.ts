import { createRequire } from 'node:module';
import type * as OnnxRuntime from 'onnxruntime-node';
import { availableParallelism } from 'node:os';
import { LocalModelError } from '../local-model-error.ts';

let loaded: typeof OnnxRuntime | null = null;

/**
 * ONNX Runtime, loaded when first needed: a native library of 20 MB. It may be missing: npm leaves it out where its install
 * script cannot download what only GPUs need.
 */
export function onnxRuntime(): typeof OnnxRuntime {
  try {
    loaded ??= createRequire(import.meta.url)('onnxruntime-node') as typeof OnnxRuntime;
  } catch (error) {
    const [said] = (error as Error).message.split('\n');
    throw new LocalModelError(
      `onnxruntime-node cannot be loaded on ${process.platform} ${process.arch} (${said}). If it is missing, install syngraph again with ONNXRUNTIME_NODE_INSTALL=skip in the environment`,
    );
  }
  return loaded;
}

/** A session on all cores, or on so many threads for each of its runs. @throws LocalModelError where the graph cannot be read */
export async function openSession(path: string, threads = availableParallelism()): Promise<OnnxRuntime.InferenceSession> {
  const { InferenceSession } = onnxRuntime();
  try {
    return await InferenceSession.create(path, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      // Errors only: the runtime warns of what its own optimiser leaves.
      logSeverityLevel: 3,
    });
  } catch (error) {
    throw new LocalModelError(`${path} cannot be loaded: ${(error as Error).message}`);
  }
}
