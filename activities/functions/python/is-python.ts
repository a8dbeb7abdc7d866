import type { FunctionReference } from '../../../pipeline/plan.ts';

/** `task_executor.py#Name`: the function is run by Python. */
export function isPython(reference: FunctionReference): boolean {
  return reference.slice(0, Math.max(0, reference.lastIndexOf('#'))).endsWith('.py');
}
