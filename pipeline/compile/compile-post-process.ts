import { isOwnProcessor } from '../append-post-process.ts';
import type { PostProcessPlan } from '../plan.ts';
import type { CompileContext } from './compile-context.ts';

/** Processors of the task's own code, which get the finished rows. Those of SyGra have become nodes. */
export function compilePostProcess(context: CompileContext): PostProcessPlan[] {
  const processors = context.parsed.config.graph_post_process ?? [];
  return processors.flatMap(({ processor, params, use_previous_output: usePrevious }, index): PostProcessPlan[] => {
    if (!isOwnProcessor(processor)) return [];
    const item = ['graph_post_process', index];
    // A single processor stands without a list.
    const at = Array.isArray(context.parsed.raw['graph_post_process']) ? item : item.slice(0, 1);
    const reference = context.findReference(processor, at, { kinds: ['class', 'function'], method: 'process' });
    if (reference === null) return [];
    return [{ function: reference, params: params ?? {}, usePrevious: usePrevious ?? false }];
  });
}
