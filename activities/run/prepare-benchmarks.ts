import type { Plan } from '../../pipeline/plan.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { contaminationKey, loadContaminationIndex, writeContaminationIndex } from '../quality/contamination-store.ts';
import { indexBenchmarks } from '../quality/index-benchmarks.ts';
import { runFolder, type RunDescription } from './run-files.ts';
import { taskTransformFunctions } from './task-transform-functions.ts';

/** Reads the benchmarks that quality nodes look for, once per run; a retry looks for those of the run that it mends. */
export async function prepareBenchmarks(options: { dependencies: ActivityDependencies; plan: Plan; description: RunDescription; signal: AbortSignal }): Promise<void> {
  const { dependencies, plan, description: { reference, retry }, signal } = options;
  const { store, environment } = dependencies;
  for (const node of plan.nodes) {
    if (node.kind !== 'quality' || node.rules.contamination === undefined) continue;
    const before = retry === undefined ? null : contaminationKey(runFolder({ ...reference, run: retry.run }), node.name);
    const index =
      before !== null && (await store.size(before)) !== null
        ? await loadContaminationIndex(store, before)
        : await indexBenchmarks(node.rules.contamination, { functions: await taskTransformFunctions(dependencies, plan), environment, signal });
    await writeContaminationIndex(store, contaminationKey(runFolder(reference), node.name), index);
  }
}
